import { parse } from 'csv-parse/sync'
import { Temporal } from 'temporal-polyfill'
import { computeBaseline } from '../../schemas/baseline/computeBaseline.ts'
import { baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import {
  AbiWordError,
  IntervalError,
  NoLeavesInFileError,
} from '../../schemas/errors/commandLine.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { leafHash } from '../../schemas/leaf.ts'
import { localDayOf, type TimeRange } from '../../schemas/time.ts'
import { buildTree, type MerkleTree } from '../../schemas/tree/buildTree.ts'
import type { EnergyMwh } from '../../schemas/units.ts'
import { formatOf } from '../../speed/ingest/body/format.ts'
import { parseBody } from '../../speed/ingest/body/parseBody.ts'
import { readLocalFile, readLocalJson } from './localFiles.ts'
import { asWrongUse } from './output.ts'

export type AskBaselineParameters = {
  readonly method: string
  readonly input: string
  readonly event: string
  readonly unit: string
  readonly step: string
  readonly zone: string
  readonly excludeDays?: string
  readonly holidays?: string
}

/** The baseline of each series of a wide file, by the code that settles. */
export function askBaseline(options: AskBaselineParameters): Record<string, unknown> {
  const { zone, unit, step } = options
  const method = asWrongUse(() => baselineMethodNamed(options.method))
  const event = readInterval(options.event)
  const format = asWrongUse(() => formatOf('text/csv', { layout: 'wide', unit, step, zone }))
  const body = readLocalFile(options.input)
  const nowMs = Number.MAX_SAFE_INTEGER
  const rowsMax = Number.POSITIVE_INFINITY
  const { rows } = asWrongUse(() => {
    return parseBody(body, { format, nowMs, source: options.input, rowsMax })
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
  return series
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

function readDates(file: string | undefined): string[] {
  if (!file) return []
  const rows: string[][] = parse(readLocalFile(file), {
    skip_empty_lines: true,
    relax_column_count: true,
  })
  return rows.flat().filter((cell) => /^\d{4}-\d\d-\d\d$/.test(cell))
}
