import { Temporal } from 'temporal-polyfill'
import { computeBaseline } from '../../schemas/baseline/computeBaseline.ts'
import { baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import {
  AbiWordError,
  IntervalError,
  NoLeavesInFileError,
} from '../../schemas/errors/commandLine.ts'
import { ProfileFieldMissingError } from '../../schemas/errors/profile.ts'
import { NothingReadError } from '../../schemas/errors/table.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { leafHash } from '../../schemas/leaf.ts'
import { type EpochMs, localDayOf, type TimeRange } from '../../schemas/time.ts'
import { buildTree, type MerkleTree } from '../../schemas/tree/buildTree.ts'
import type { EnergyMwh } from '../../schemas/units.ts'
import { isRefusal } from '../../speed/ingest/judgeDraft.ts'
import type { Profile } from '../../speed/ingest/profile/profileShape.ts'
import { openSummary } from './describeOutcome.ts'
import { readParts } from './fileParts.ts'
import { openLocalFile, readLocalJson } from './localFiles.ts'
import { namingFile } from './namingFile.ts'
import { asWrongUse } from './output.ts'
import type { ProfileFlags } from './profileFlags.ts'
import { readDates } from './readDates.ts'
import { profileOf } from './readProfileFlags.ts'
import type { Refused } from './refusalList.ts'
import { refusedOf } from './sendFile.ts'

export type AskBaselineParameters = ProfileFlags & {
  readonly method: string
  readonly input: string
  readonly event: string
  readonly excludeDays?: string
  readonly holidays?: string
}

/** The baseline of each series of a file, by the code that settles; and how the file was read. */
export async function askBaseline(options: AskBaselineParameters) {
  const method = asWrongUse(() => baselineMethodNamed(options.method))
  const event = readInterval(options.event)
  const profile = profileOf(options)
  const input = await readInKwh(options.input, profile)
  const { zone = 'UTC' } = profile
  const day = localDayOf(event.startMs, zone).date
  const excludedDates = new Set([...readDates(options.excludeDays), day])
  const holidays = new Set(readDates(options.holidays))
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

/**
 * Where nothing says the unit, it is the usual one of files of baselines, and the answer says so.
 */
async function readInKwh(name: string, profile: Profile): ReturnType<typeof readInput> {
  try {
    return await readInput(name, profile)
  } catch (error) {
    const { cause } = error as Error
    const isUnitMissing =
      cause instanceof ProfileFieldMissingError && cause.details.field === 'unit'
    if (!isUnitMissing) throw error
  }
  const input = await readInput(name, { ...profile, unit: 'kWh' })
  const evidence = input.document.evidence.map((each) => {
    if (each.field !== 'unit') return each
    return { ...each, why: 'nothing says another: --unit does' }
  })
  return { ...input, document: { ...input.document, evidence } }
}

type InputSeries = {
  stepS: number
  readonly readings: Map<EpochMs, EnergyMwh>
  isNegative: boolean
}

const refusedListedMax = 100

/**
 * The series of a file, part by part; of an interval that it says twice, the later line counts.
 *
 * A file is refused of which nothing could be read.
 */
async function readInput(name: string, profile: Profile) {
  const file = openLocalFile(name)
  const summary = openSummary(name)
  const series = new Map<string, InputSeries>()
  const refused: Omit<Refused, 'file'>[] = []
  const nowMs = Number.MAX_SAFE_INTEGER
  try {
    for await (const part of readParts(file, { profile, nowMs })) {
      summary.add(part)
      for (const { row, outcome } of part.rows) {
        if (!isRefusal(outcome)) {
          const { meter, startMs, durationS, energyMwh } = outcome
          const own = series.get(meter) ?? { stepS: 0, readings: new Map(), isNegative: false }
          series.set(meter, own)
          own.readings.set(startMs, energyMwh)
          own.isNegative ||= energyMwh < 0
          own.stepS ||= durationS
        } else if (refused.length < refusedListedMax) {
          refused.push(refusedOf(row, outcome))
        }
      }
    }
  } catch (error) {
    throw namingFile(error, name)
  } finally {
    file.close()
  }
  const { series: _, conflicts, totals: __, ...document } = summary.document()
  const [first] = refused
  if (series.size === 0) {
    throw new NothingReadError({
      file: name,
      first: first ? `${first.detail} (line ${first.line})` : '',
    })
  }
  return { series, refused, document: { ...document, conflicts: conflicts.length } }
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
