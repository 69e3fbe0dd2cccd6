import type { Command } from 'commander'
import { counted } from '../../schemas/errors/counted.ts'
import { NotSettledYetError } from '../../schemas/errors/settlement.ts'
import { isoUtc } from '../../schemas/time.ts'
import type { Event, Events } from '../../serving/shapes/events.ts'
import type { ClaimReport, SettlementBody } from '../../serving/shapes/settlement.ts'
import type { ApiClient } from '../client/client.ts'
import { pathPart } from '../client/pathPart.ts'
import { describeClaims } from './describeClaims.ts'
import { describeSettlement } from './describeSettlement.ts'
import { exampleEvent, parseCommentedJson } from './exampleEvent.ts'
import { readLocalJson } from './localFiles.ts'
import { answer, type OutputOptions, outline, table, wholeNumber, withJson } from './output.ts'
import { clientOf, type PlaceOptions, withPlace } from './settings.ts'

type Options = PlaceOptions & OutputOptions & { readonly dryRun?: boolean }

/** `event create|example|list|show`, `settle EVENT`, `claim EVENT`. */
export function addEventCommands(program: Command): void {
  const event = program
    .command('event')
    .description('demand-response events')
    .addHelpText('after', '\nExample:\n  wattproof event example > event.json')
  const create = event
    .command('create <file>')
    .description('announce an event; FILE is JSON as `event example` prints it, - is stdin')
    .option('--dry-run', 'check the file and show what would be announced')
    .addHelpText('after', '\nExample:\n  wattproof event create high-2013-02-11.json')
  withPlace(withJson(create)).action(createEvent)
  const example = event
    .command('example')
    .description(
      'an event file with a comment on each field; lines that begin with // are comments',
    )
    .addHelpText('after', '\nExample:\n  wattproof event example > event.json')
  withJson(example).action((options: OutputOptions) => {
    const text = exampleEvent(Date.now())
    answer(options, parseCommentedJson(text), () => text.trimEnd())
  })
  const list = event
    .command('list')
    .description('events and their states, the newest first')
    .option('--limit <number>', 'how many', wholeNumber('--limit', 1), 10_000)
    .option('--page <page>', 'those that follow, as the last line says')
  withPlace(withJson(list.addHelpText('after', '\nExample:\n  wattproof event list'))).action(
    listEvents,
  )
  const show = event.command('show <event>').description('one event in full')
  withPlace(
    withJson(show.addHelpText('after', '\nExample:\n  wattproof event show high-2013-02-11')),
  ).action(showEvent)

  const settle = program
    .command('settle <event>')
    .description('wait until an event is verified and settled, and show its lines')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber('--timeout'), 60)
    .addHelpText('after', '\nExample:\n  wattproof settle high-2013-02-11')
  withPlace(withJson(settle)).action(settleEvent)
  const claim = program
    .command('claim <event>')
    .description('pay every payee of a final event what it is owed')
    .option('--dry-run', 'show what would be paid')
    .addHelpText('after', '\nExample:\n  wattproof claim high-2013-02-11')
  withPlace(withJson(claim)).action(claimEvent)
}

async function createEvent(file: string, options: Options): Promise<void> {
  const draft = readLocalJson(file, parseCommentedJson)
  if (options.dryRun) {
    // Loaded here: no other command needs the API's checks.
    const { checkEventDraft } = await import('../client/checkEventDraft.ts')
    const { id, startMs, endMs, participants } = checkEventDraft(draft)
    const range = `${isoUtc(startMs)} to ${isoUtc(endMs)}`
    answer(options, { dryRun: true, draft }, () => {
      return `Would announce ${id} to ${counted(participants.length, 'meter')}: ${range}.`
    })
    return
  }
  const created = await clientOf(options).post<Event>('/events', draft)
  answer(options, created, () => `Announced ${created.id}: ${created.start} to ${created.end}.`)
}

/** Most rows in one answer of the API. */
const pageMax = 1_000

type ListOptions = Options & { readonly limit: number; readonly page?: string }

async function listEvents(options: ListOptions): Promise<void> {
  const client = clientOf(options)
  const events: Event[] = []
  let next: string | null = options.page ?? null
  do {
    const limit = String(Math.min(options.limit - events.length, pageMax))
    const query = new URLSearchParams({ limit, ...(next === null ? {} : { page: next }) })
    const found: Events = await client.get<Events>(`/events?${query}`)
    events.push(...found.events)
    next = found.next
  } while (next !== null && events.length < options.limit)
  answer(options, { events, next }, () => {
    if (events.length === 0) return 'No events yet. `wattproof event create FILE` announces one.'
    const rows = events.map((each) => [
      each.id,
      each.state,
      each.start,
      each.end,
      kwhOf(each.deliveredMwh),
    ])
    const more = next === null ? '' : `\nThere are more: --page ${next}`
    return `${table(['event', 'state', 'start', 'end', 'delivered kWh'], rows)}${more}`
  })
}

function kwhOf(energyMwh: number | null): string {
  return energyMwh === null ? '' : (energyMwh / 1e6).toFixed(3)
}

async function showEvent(id: string, options: Options): Promise<void> {
  const event = await clientOf(options).get<Event>(`/events/${pathPart(id)}`)
  answer(options, event, () => outline(event))
}

async function settleEvent(id: string, options: Options & { timeout: number }): Promise<void> {
  const client = clientOf(options)
  const until = performance.now() + 1000 * options.timeout
  let warning: string | null = null
  for (;;) {
    const event = await client.get<Event>(`/events/${pathPart(id)}`)
    warning = event.warning
    if (event.deliveredMwh !== null) break
    if (performance.now() > until) {
      throw new NotSettledYetError({ event: id, state: event.state })
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  const settlement = await client.get<SettlementBody>(`/events/${pathPart(id)}/settlement`)
  answer(options, { ...settlement, warning }, () => describeSettlement(settlement, warning))
}

async function claimEvent(id: string, options: Options): Promise<void> {
  const { dryRun = false } = options
  const client = clientOf(options)
  // Before anything is paid: what fails afterwards would look as if nothing had been.
  const currency = options.json ? '' : await currencyOf(client, id)
  const report = await client.post<ClaimReport>(`/events/${pathPart(id)}/claims`, { dryRun })
  answer(options, dryRun ? { dryRun, ...report } : report, () => describeClaims(report, currency))
}

async function currencyOf(client: ApiClient, id: string): Promise<string> {
  const { terms } = await client.get<Event>(`/events/${pathPart(id)}`)
  return terms.currency
}
