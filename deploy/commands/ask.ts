import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type Command, Option } from 'commander'
import { parse } from 'csv-parse/sync'
import { Temporal } from 'temporal-polyfill'
import { computeBaseline } from '../../schemas/baseline/computeBaseline.ts'
import { baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import { sentenceOf } from '../../schemas/errors.ts'
import { leafHash } from '../../schemas/leaf.ts'
import { localDayOf, type TimeRange } from '../../schemas/time.ts'
import type { EnergyMwh } from '../../schemas/units.ts'
import { buildTree } from '../../serving/merkle/buildTree.ts'
import { formatOf } from '../../speed/ingest/format.ts'
import { parseBody } from '../../speed/ingest/parseBody.ts'
import { answer, type OutputOptions, withJson, wrongUse } from './output.ts'

/** Questions of one's own data: the pipeline's own code, no server, no engine. */
export function addAskCommands(program: Command): void {
  const baseline = program
    .command('baseline')
    .description('the baseline of each series of a wide file for one event')
    .requiredOption('--method <id>', 'such as caiso-10-in-10')
    .requiredOption('--input <file>', 'wide CSV (.gz too)')
    .requiredOption('--event <interval>', 'start and duration, 2021-02-10T16:00Z/PT4H')
    .addOption(new Option('--unit <unit>').choices(['kwh', 'wh', 'w', 'kw']).default('kwh'))
    .option('--step <seconds>', 'length of an interval', '3600')
    .option('--zone <zone>', 'of stamps without an offset, and of days', 'UTC')
    .option('--exclude-days <file>', 'CSV of local dates that are no ordinary days')
    .option('--holidays <file>', 'CSV of local dates that are holidays')
    .addHelpText(
      'after',
      '\nExample:\n  wattproof baseline --method caiso-10-in-10 --input homes.csv.gz ' +
        '--event 2013-02-11T17:00Z/PT3H --step 1800 --zone Europe/London',
    )
  withJson(baseline).action(askBaseline)

  const merkle = program.command('merkle').description('OpenZeppelin standard-v1 trees')
  const root = merkle
    .command('root')
    .description('the root of leaves')
    .requiredOption('--input <file>', 'JSON: an array of leaves, each an array of ABI words')
    .addHelpText('after', '\nExample:\n  wattproof merkle root --input leaves.json')
  withJson(root).action((options: MerkleOptions) => {
    const tree = treeOf(options)
    answer(options, { root: tree.root, leaves: tree.leaves.length }, () => tree.root)
  })
  const prove = merkle
    .command('prove')
    .description('the proof of each leaf, or of one')
    .requiredOption('--input <file>', 'JSON: an array of leaves, each an array of ABI words')
    .option('--index <number>', 'only this one')
    .addHelpText('after', '\nExample:\n  wattproof merkle prove --input leaves.json --index 3')
  withJson(prove).action((options: MerkleOptions) => {
    const tree = treeOf(options)
    const indexes = options.index ? [Number(options.index)] : [...tree.leaves.keys()]
    const proofs = indexes.map((index) => {
      return { index, leaf: tree.leaves[index], proof: tree.proofOf(index) }
    })
    const document = { root: tree.root, proofs }
    answer(options, document, () => JSON.stringify(document, null, 2))
  })
}

type BaselineOptions = OutputOptions & {
  readonly method: string
  readonly input: string
  readonly event: string
  readonly unit: string
  readonly step: string
  readonly zone: string
  readonly excludeDays?: string
  readonly holidays?: string
}

function askBaseline(options: BaselineOptions): void {
  const { zone, unit, step } = options
  const method = baselineMethodNamed(options.method)
  const event = readInterval(options.event)
  const format = formatOf('text/csv', { layout: 'wide', unit, step, zone })
  const body = readFile(options.input)
  const nowMs = Number.MAX_SAFE_INTEGER
  const { rows } = parseBody(body, {
    ...{ format, nowMs, source: options.input, rowsMax: Number.POSITIVE_INFINITY },
  })
  const meters = new Map<string, Map<number, EnergyMwh>>()
  for (const { reading } of rows) {
    const readings = meters.get(reading.meter) ?? new Map<number, EnergyMwh>()
    meters.set(reading.meter, readings.set(reading.startMs, reading.energyMwh))
  }
  const day = localDayOf(event.startMs, zone).date
  const excludedDates = new Set([...readDates(options.excludeDays), day])
  const holidays = new Set(readDates(options.holidays))
  const series: Record<string, unknown> = {}
  for (const [meter, readings] of meters) {
    try {
      const { intervals, days, adjustment, flags } = computeBaseline({
        ...{ method, zone, event, stepS: Number(step), readings },
        ...{ excludedDates, holidays, meter },
      })
      const baselineMwh = intervals.map((each) => each.baselineMwh)
      series[meter] = { baselineMwh, days, adjustment, flags }
    } catch (error) {
      series[meter] = { baselineMwh: [], days: [], flags: [sentenceOf(error)] }
    }
  }
  answer(options, { series }, () => JSON.stringify({ series }, bigintAsText, 2))
}

type MerkleOptions = OutputOptions & { readonly input: string; readonly index?: string }

function treeOf({ input }: MerkleOptions) {
  const leaves = JSON.parse(readFile(input).toString('utf8')) as unknown
  const isLeaves = Array.isArray(leaves) && leaves.length > 0 && leaves.every(Array.isArray)
  if (!isLeaves) throw wrongUse(`${input} holds no array of leaves, each an array of words.`)
  return buildTree((leaves as unknown[][]).map((words) => leafHash(words.map(readWord))))
}

/** Whole numbers and decimal text are uint256; 0x… is bytes32 or an address. */
function readWord(word: unknown): bigint | string {
  if (typeof word === 'number' && Number.isSafeInteger(word)) return BigInt(word)
  if (typeof word === 'string' && /^-?\d+$/.test(word)) return BigInt(word)
  if (typeof word === 'string' && /^0x([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$/.test(word)) return word
  throw wrongUse(`${JSON.stringify(word)} is no ABI word: a whole number, an address, or bytes32.`)
}

function readInterval(text: string): TimeRange {
  const [start = '', duration = ''] = text.split('/')
  try {
    const from = Temporal.Instant.from(start)
    const endMs = from.add(Temporal.Duration.from(duration)).epochMilliseconds
    return { startMs: from.epochMilliseconds, endMs }
  } catch (error) {
    throw wrongUse(`${text} is no start and duration such as 2021-02-10T16:00Z/PT4H: ${error}`)
  }
}

function readDates(file: string | undefined): string[] {
  if (!file) return []
  const rows: string[][] = parse(readFile(file), {
    skip_empty_lines: true,
    relax_column_count: true,
  })
  return rows.flat().filter((cell) => /^\d{4}-\d\d-\d\d$/.test(cell))
}

function readFile(file: string): Buffer {
  try {
    const bytes = readFileSync(file)
    return file.endsWith('.gz') ? gunzipSync(bytes) : bytes
  } catch (error) {
    throw wrongUse(`${file} cannot be read: ${sentenceOf(error)}`)
  }
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
