import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { sentenceOf } from '../../schemas/errors.ts'
import { answer, type OutputOptions, say, table, withJson, wrongUse } from './output.ts'
import { clientOf, type PlaceOptions, withPlace } from './settings.ts'

type Options = PlaceOptions & OutputOptions & { readonly dryRun?: boolean }

type ListedEvent = {
  readonly id: string
  readonly state: string
  readonly start: string
  readonly end: string
  readonly orderedMwh: number | null
  readonly deliveredMwh: number | null
}

/** `event create|list|show`, `settle EVENT`, `claim EVENT`. */
export function addEventCommands(program: Command): void {
  const event = program.command('event').description('demand-response events')
  const create = event
    .command('create <file>')
    .description('announce an event; FILE is JSON as POST /api/v1/events takes it, - is stdin')
    .option('--dry-run', 'check the file and show what would be announced')
    .addHelpText('after', '\nExample:\n  wattproof event create high-2013-02-11.json')
  withPlace(withJson(create)).action(createEvent)
  const list = event.command('list').description('all events and how far each has come')
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
    .addOption(new Option('--timeout <seconds>', 'how long to wait').default('60'))
    .addHelpText('after', '\nExample:\n  wattproof settle high-2013-02-11')
  withPlace(withJson(settle)).action(settleEvent)
  const claim = program
    .command('claim <event>')
    .description('have every payee of a final event paid what it is owed')
    .option('--dry-run', 'show what would be paid')
    .addHelpText('after', '\nExample:\n  wattproof claim high-2013-02-11')
  withPlace(withJson(claim)).action(claimEvent)
}

async function createEvent(file: string, options: Options): Promise<void> {
  let draft: unknown
  try {
    draft = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'))
  } catch (error) {
    throw wrongUse(`${file} cannot be read as JSON: ${sentenceOf(error)}`)
  }
  if (options.dryRun) {
    answer(options, { dryRun: true, draft }, () => `Would announce ${JSON.stringify(draft)}`)
    return
  }
  const created = await clientOf(options).post<ListedEvent>('/events', draft)
  answer(options, created, () => `Announced ${created.id}: ${created.start} to ${created.end}.`)
}

async function listEvents(options: Options): Promise<void> {
  const { events } = await clientOf(options).get<{ events: ListedEvent[] }>('/events')
  answer(options, { events }, () => {
    if (events.length === 0) return 'No events yet. `wattproof event create FILE` announces one.'
    const rows = events.map((each) => [
      each.id,
      each.state,
      each.start,
      each.end,
      each.deliveredMwh,
    ])
    return table(['event', 'state', 'start', 'end', 'delivered mWh'], rows)
  })
}

async function showEvent(id: string, options: Options): Promise<void> {
  const event = await clientOf(options).get<Record<string, unknown>>(`/events/${id}`)
  answer(options, event, () => JSON.stringify(event, null, 2))
}

async function settleEvent(id: string, options: Options & { timeout: string }): Promise<void> {
  const client = clientOf(options)
  const until = performance.now() + 1000 * Number(options.timeout)
  for (;;) {
    const event = await client.get<ListedEvent>(`/events/${id}`)
    if (event.deliveredMwh !== null) break
    if (performance.now() > until) {
      throw wrongUse(`${id} is ${event.state}; it is settled once it has ended and been verified.`)
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  const settlement = await client.get<Record<string, unknown>>(`/events/${id}/settlement`)
  answer(options, settlement, () => JSON.stringify(settlement, null, 2))
}

type ClaimAnswer = { claims: { account: string; amountMicros: string | number }[] }

async function claimEvent(id: string, options: Options): Promise<void> {
  const client = clientOf(options)
  if (options.dryRun) {
    const settlement = await client.get<Record<string, unknown>>(`/events/${id}/settlement`)
    answer(options, { dryRun: true, settlement }, () => JSON.stringify(settlement, null, 2))
    return
  }
  say(`Claiming for every payee of ${id} …`)
  const report = await client.post<ClaimAnswer>(`/events/${id}/claims`, {})
  answer(options, report, () => {
    const rows = report.claims.map((each) => [each.account, Number(each.amountMicros)])
    return rows.length === 0 ? 'Everything was paid before.' : table(['account', 'micros'], rows)
  })
}
