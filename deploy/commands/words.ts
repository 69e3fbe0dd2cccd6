import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { CorrectFlagsError, NothingHeldError } from '../../schemas/errors/commandLine.ts'
import { counted } from '../../schemas/errors/counted.ts'
import { MeterGoneError } from '../../schemas/errors/meterCommand.ts'
import { NotFoundError } from '../../schemas/errors/wattproofError.ts'
import type { Meters } from '../../serving/shapes/sites.ts'
import type { ReadingsAnswer } from '../../speed/api/describeRoutes.ts'
import type {
  ListedIngests,
  ListedSources,
  ListedWords,
  Withdrawn,
} from '../../speed/api/describeWords.ts'
import type { ApiClient } from '../client/client.ts'
import { decimalNumber, readInstant } from './flags.ts'
import { answer, asWrongUse, type OutputOptions, table, wholeNumber, withJson } from './output.ts'
import { clientOf, type PlaceOptions, withPlace } from './settings.ts'

type Options = PlaceOptions & OutputOptions

/** `ingest list|revert`: what came with whole files, and taking one back. */
export function addIngestsCommands(ingest: Command): void {
  // Options behind `list` are its own, not those of `ingest` with the same names.
  ingest.enablePositionalOptions()
  const list = ingest
    .command('list')
    .description('list ingests and their contents, newest first')
    .option('--limit <number>', 'how many', wholeNumber('--limit', 1), 100)
    .addHelpText('after', '\nExample:\n  wattproof ingest list')
  withPlace(withJson(list)).action(listIngests)
  const revert = ingest
    .command('revert <ingest>')
    .description('withdraw all readings of an ingest')
    .option('--dry-run', 'print what would be withdrawn; send nothing')
    .addHelpText('after', '\nExample:\n  wattproof ingest revert INGEST   (its id: `ingest list`)')
  withPlace(withJson(revert)).action(revertIngest)
}

/** `source list|rank`. */
export function addSourceCommands(program: Command): void {
  const source = program
    .command('source')
    .description('sources of readings and their precedence')
    .addHelpText('after', '\nExample:\n  wattproof source rank dso 10 --from 2026-03-01T00:00Z')
  const list = source
    .command('list')
    .description('list sources, their reading counts and ranks')
    .addHelpText('after', '\nExample:\n  wattproof source list')
  withPlace(withJson(list)).action(listSources)
  const rank = source
    .command('rank <source> <rank>')
    .description(
      'rank a source: where two report the same interval, the higher rank wins; ranks are unique',
    )
    .option('--from <instant>', 'for intervals from then on, such as 2026-03-01T00:00Z')
    .addHelpText('after', '\nExample:\n  wattproof source rank dso 10 --from 2026-03-01T00:00Z')
  withPlace(withJson(rank)).action(rankSource)
}

type CorrectOptions = Options & {
  readonly energyWh?: string
  readonly hold?: boolean
  readonly void?: boolean
  readonly release?: boolean
  readonly dryRun?: boolean
}

const operator = 'operator'

/** `correct METER START`. */
export function addCorrectCommand(program: Command): void {
  const correct = program
    .command('correct <meter> <start>')
    .description('correct one reading as the operator; without a flag, show its versions')
    .option('--energy-wh <number>', 'corrected energy, Wh', decimalNumber('--energy-wh'))
    .option('--void', 'mark the interval as missing')
    .option('--hold', 'keep this value over later restatements')
    .option('--release', "withdraw the operator's correction")
    .option('--dry-run', 'print what would be sent; send nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  wattproof correct MAC000005 2013-02-11T16:30Z\n' +
        '  wattproof correct MAC000005 2013-02-11T16:30Z --energy-wh 219 --hold\n' +
        '  wattproof correct MAC000005 2013-02-11T16:30Z --release',
    )
  withPlace(withJson(correct)).action(correctReading)
}

async function listIngests(options: Options & { readonly limit: number }): Promise<void> {
  const document = await clientOf(options).get<ListedIngests>(`/ingests?limit=${options.limit}`)
  answer(options, document, () => {
    if (document.ingests.length === 0) return 'No ingests. `wattproof ingest FILE` makes one.'
    const rows = document.ingests.map((each) => [
      ...[each.ingest, each.source, each.logged, each.words, each.meters, each.first, each.last],
      ...[(each.energyMwh / 1e6).toFixed(3), describeState(each)],
    ])
    const names = ['ingest', 'source', 'came', 'readings', 'meters', 'first', 'last', 'kWh', '']
    return table(names, rows)
  })
}

function describeState({ isWithdrawn, left }: ListedIngests['ingests'][number]): string {
  if (!isWithdrawn) return ''
  return left === 0 ? 'withdrawn' : `withdrawn but for ${left}: revert it again`
}

async function revertIngest(
  ingest: string,
  options: Options & { readonly dryRun?: boolean },
): Promise<void> {
  const client = clientOf(options)
  if (options.dryRun) {
    const { ingests } = await client.get<ListedIngests>('/ingests?limit=10000')
    const found = ingests.find((each) => each.ingest === ingest)
    if (!found) throw new NotFoundError('ingest', ingest)
    const { words, meters, isWithdrawn } = found
    answer(options, { ingest: found }, () =>
      isWithdrawn
        ? `${counted(words, 'reading')} of it ${words === 1 ? 'was' : 'were'} withdrawn before.`
        : `${counted(words, 'reading')} of ${counted(meters, 'meter')} would be withdrawn.`,
    )
    return
  }
  const path = `/ingests/${encodeURIComponent(ingest)}/withdrawal`
  const document = await client.post<Withdrawn>(path, {})
  answer(options, document, () =>
    document.wasWithdrawn
      ? `It was withdrawn before, with ${counted(document.words, 'reading')}.`
      : `Withdrawn: ${counted(document.words, 'reading')}; the views follow in some seconds.`,
  )
}

async function listSources(options: Options): Promise<void> {
  const document = await clientOf(options).get<ListedSources>('/sources')
  answer(options, document, () => {
    const rows = document.sources.map((each) => {
      const ranks = document.ranks.filter(({ source }) => source === each.source)
      const ranked = ranks.map(({ rank, from }) => `${rank} from ${from}`).join(', ')
      const name = each.source === '' ? '(none)' : each.source
      return [name, each.words, each.meters, each.logged, ranked]
    })
    return table(['source', 'readings', 'meters', 'latest', 'rank'], rows)
  })
}

async function rankSource(
  source: string,
  rank: string,
  options: Options & { readonly from?: string },
): Promise<void> {
  if (options.from !== undefined) readInstant('--from', options.from)
  const body = { rank: wholeNumberOrLess(rank), ...(options.from && { from: options.from }) }
  const path = `/sources/${encodeURIComponent(source)}/rank`
  const document = await clientOf(options).post<object>(path, body)
  answer(options, document, () => `${source} ranks ${rank} from ${options.from ?? 'always'}.`)
}

/** Ranks may be below zero. */
function wholeNumberOrLess(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  return sign * wholeNumber('rank')(text.replace(/^-/, ''))
}

async function correctReading(
  meter: string,
  start: string,
  options: CorrectOptions,
): Promise<void> {
  asWrongUse(() => {
    const said = [options.energyWh !== undefined, options.void, options.release].filter(Boolean)
    const isLost = options.hold && said.length === 0
    if (said.length > 1 || isLost || (options.hold && options.release))
      throw new CorrectFlagsError()
  })
  readInstant('START', start)
  const client = clientOf(options)
  const of = `meter=${encodeURIComponent(meter)}&start=${encodeURIComponent(start)}`
  const before = await client.get<ListedWords>(`/words?${of}`)
  if (options.release) return release(client, before, options)
  if (options.energyWh === undefined && !options.void) {
    answer(options, before, () => describeWords(before))
    return
  }
  await restate(client, before, options)
}

async function restate(client: ApiClient, before: ListedWords, options: CorrectOptions) {
  const { meter, start } = before
  const { meters } = await client.get<Meters>(`/meters?meter=${encodeURIComponent(meter)}`)
  const [known] = meters
  if (!known) throw new MeterGoneError({ meter })
  // Its interval may have had another length than the meter's have now.
  const durationS = before.words.find(({ counts }) => counts)?.durationS ?? known.intervalS
  const reading = {
    ...{ meter, start, duration_s: durationS },
    ...(options.void ? { void: true } : { energy_wh: options.energyWh }),
    standing: options.hold ? 'held' : 'stated',
  }
  const ingest = `correct-${randomUUID()}`
  if (options.dryRun) {
    answer(options, { reading, source: operator }, () => `Would send ${JSON.stringify(reading)}.`)
    return
  }
  const path = `/readings?source=${operator}&ingest=${ingest}`
  const key = { idempotencyKey: ingest }
  const document = await client.post<ReadingsAnswer>(path, [reading], key)
  answer(options, { ...document, ingest }, () => {
    const [refused] = document.rejected
    if (refused) return refused.detail
    return `Sent as ${operator} (${ingest}); \`wattproof correct ${meter} ${start}\` shows it soon.`
  })
  if (document.rejectedCount > 0) process.exitCode = 1
}

async function release(client: ApiClient, before: ListedWords, options: CorrectOptions) {
  const { meter, start } = before
  const own = before.words.filter((each) => each.source === operator && !each.isWithdrawn)
  const ingests = [...new Set(own.map(({ ingest }) => ingest))].filter((each) => each !== '')
  if (ingests.length === 0) throw new NothingHeldError({ meter, start })
  if (!options.dryRun) {
    for (const each of ingests) {
      await client.post<Withdrawn>(`/ingests/${encodeURIComponent(each)}/withdrawal`, {})
    }
  }
  const would = options.dryRun ? 'would be' : 'is'
  answer(options, { meter, start, ingests }, () => `The operator's correction ${would} withdrawn.`)
}

function describeWords({ meter, start, words }: ListedWords): string {
  if (words.length === 0) return `No reading of ${meter} at ${start}.`
  const rows = words.map((each) => [
    each.counts ? '*' : '',
    each.energyMwh === null ? 'no value' : (each.energyMwh / 1000).toFixed(3),
    ...[each.source, each.standing, each.revision, each.saidAt, each.logged, each.ingest],
    each.isWithdrawn ? 'withdrawn' : '',
  ])
  const names = ['', 'Wh', 'source', 'standing', 'revision', 'said', 'logged', 'ingest', '']
  return `${table(names, rows)}\n* counts`
}
