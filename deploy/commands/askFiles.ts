import { Temporal } from 'temporal-polyfill'
import { computeBaseline } from '../../schemas/baseline/computeBaseline.ts'
import { baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import {
  AbiWordError,
  IntervalError,
  NoLeavesInFileError,
  TemperatureUnusedError,
} from '../../schemas/errors/commandLine.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { leafHash } from '../../schemas/leaf.ts'
import { localDayOf, type TimeRange } from '../../schemas/time.ts'
import { buildTree, type MerkleTree } from '../../schemas/tree/buildTree.ts'
import { readLocalJson } from './localFiles.ts'
import { asWrongUse } from './output.ts'
import type { ProfileFlags } from './profileFlags.ts'
import { readDates } from './readDates.ts'
import { profileOf } from './readProfileFlags.ts'
import { readSeriesInKwh, readTemperatures } from './readSeries.ts'

export type AskBaselineParameters = ProfileFlags & {
  readonly method: string
  readonly input: string
  readonly event: string
  readonly excludeDays?: string
  readonly holidays?: string
  readonly temperature?: string
}

/** The baseline of each series of a file, by the code that settles; and how the file was read. */
export async function askBaseline(options: AskBaselineParameters) {
  const method = asWrongUse(() => baselineMethodNamed(options.method))
  const event = readInterval(options.event)
  const profile = profileOf(options)
  const { zone = 'UTC' } = profile
  await refuseTemperatures(options, zone)
  const input = await readSeriesInKwh(options.input, profile)
  const day = localDayOf(event.startMs, zone).date
  const excludedDates = new Set([...readDates(options.excludeDays, zone), day])
  const holidays = new Set(readDates(options.holidays, zone))
  const series: Record<string, unknown> = {}
  for (const [meter, { stepS, readings, isNegative }] of input.series) {
    try {
      const { intervals, days, adjustment, flags } = computeBaseline({
        ...{ method, zone, event, stepS, readings, mayBeNegative: isNegative },
        ...{ excludedDates, holidays, meter },
      })
      const baselineMwh = intervals.map((each) => each.baselineMwh)
      series[meter] = { stepS, baselineMwh, days, adjustment, flags }
    } catch (error) {
      series[meter] = { stepS, baselineMwh: [], days: [], flags: [sentenceOf(error)] }
    }
  }
  return { series, input: input.document, rejected: input.refused }
}

/** No method of today uses temperatures; a file of them that is ignored would look used. */
async function refuseTemperatures(options: AskBaselineParameters, zone: string): Promise<void> {
  const { method, temperature } = options
  if (temperature === undefined) return
  const temperatures = await readTemperatures(temperature, zone)
  throw new TemperatureUnusedError({ method, temperatures: temperatures.size })
}

/** The tree over a file of leaves. */
export function askTree(input: string): MerkleTree {
  const leaves = readLocalJson(input)
  const isLeaves = Array.isArray(leaves) && leaves.length > 0 && leaves.every(Array.isArray)
  if (!isLeaves) throw new NoLeavesInFileError({ file: input })
  return asWrongUse(() => {
    return buildTree((leaves as unknown[][]).map((words) => leafHash(words.map(readWord))))
  })
}

/** Whole numbers and decimal text are uint256; 0x… is bytes32 or an address. */
function readWord(word: unknown): bigint | string {
  if (typeof word === 'number' && Number.isSafeInteger(word)) return BigInt(word)
  if (typeof word === 'string' && /^-?\d+$/.test(word)) return BigInt(word)
  if (typeof word === 'string' && /^0x([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$/.test(word)) return word
  throw new AbiWordError({ word })
}

function readInterval(text: string): TimeRange {
  const [start = '', duration = ''] = text.split('/')
  try {
    const from = Temporal.Instant.from(start)
    const endMs = from.add(Temporal.Duration.from(duration)).epochMilliseconds
    return { startMs: from.epochMilliseconds, endMs }
  } catch (error) {
    throw new IntervalError({ text }, error)
  }
}
