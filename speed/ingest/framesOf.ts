import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import { valueBytesMax } from '../../schemas/logRecord.ts'
import { encodeColumns, encodeFrame } from '../../schemas/reading/frame.ts'
import { frameRowsMax } from '../../schemas/reading/frameColumns.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { type ReadingColumns, takeRows } from '../../schemas/reading/readingColumns.ts'

/** A name takes a tag, its length and 64 characters at most; the eleven columns 52 bytes a row. */
const nameHeadBytes = 2
const nameBytesMax = nameHeadBytes + 64
const rowBytes = 52
/** Tags and lengths of columns, their single values, the first start, the source, the ingest. */
const headerBytesMax = 512
/** Rows of all columns that fit into a record even if each is of a different meter. */
const rowsMax = rowsThatFit(rowBytes + nameBytesMax)

function rowsThatFit(bytesARow: number): number {
  return Math.min(frameRowsMax, Math.floor((valueBytesMax - headerBytesMax) / bytesARow))
}

/** Frames of one partition, in order of arrival. */
export type PartitionFrames = { readonly frames: readonly Uint8Array[]; readonly rows: number }
/** By partition. */
export type FramesByPartition = ReadonlyMap<number, PartitionFrames>

/** Readings as frames, by the partition of their meters and in order of arrival. */
export function framesOf(readings: readonly Reading[], partitions: number): FramesByPartition {
  const byPartition = Array.from({ length: partitions }, (): Reading[] => [])
  for (const reading of readings) byPartition[partitionOf(reading.meter, partitions)]!.push(reading)
  const found = new Map<number, PartitionFrames>()
  for (const [partition, own] of byPartition.entries()) {
    if (own.length === 0) continue
    const frames = runsOf(own).map(encodeFrame)
    found.set(partition, { frames, rows: own.length })
  }
  return found
}

/** The same of columns, without an object a reading. */
export function framesOfColumns(columns: ReadingColumns, partitions: number): FramesByPartition {
  const plan = planOf(columns.roster, partitions)
  const { rows: all } = columns
  const fitting = rowsThatFit(rowBytesOf(columns) + plan.nameBytes)
  // A gateway of one meter: its columns are those of the record.
  if (plan.only !== null && all <= fitting) {
    return new Map([[plan.only, { frames: [recordOf(columns, fitting)], rows: all }]])
  }
  const found = new Map<number, PartitionFrames>()
  for (const [partition, rows] of rowsByPartition(columns, plan)) {
    const roster = plan.rosters[partition]!
    const frames: Uint8Array[] = []
    for (let from = 0; from < rows.length; from += fitting) {
      const own = takeRows(columns, rows.subarray(from, from + fitting))
      const meter = own.meter.map((index) => plan.indexes[index]!)
      frames.push(recordOf({ ...own, roster, meter }, fitting))
    }
    found.set(partition, { frames, rows: rows.length })
  }
  return found
}

/** What a row adds to a record: nothing in a column with one value for all, but for the energy. */
function rowBytesOf({ energyMwh, ...columns }: ReadingColumns): number {
  const { meter, dtS, durationS, powerW, reactiveVar } = columns
  const { quality, standing, revision, saidAtMs, isVoid } = columns
  let bytes = energyMwh.BYTES_PER_ELEMENT
  for (const column of [
    ...[meter, dtS, durationS, powerW, reactiveVar],
    ...[quality, standing, revision, saidAtMs, isVoid],
  ]) {
    if (column.length > 1) bytes += column.BYTES_PER_ELEMENT
  }
  return bytes
}

/**
 * A record with the whole roster, whose bytes are kept, where its rows are of half of the meters at
 * least; else with the names of its rows alone.
 *
 * @param fitting rows that fit with a name each: as many names fit with them.
 */
function recordOf(columns: ReadingColumns, fitting: number): Uint8Array {
  const { roster } = columns
  if (roster.length === 1) return encodeColumns(columns)
  const isWhole = roster.length <= fitting && countMeters(columns) * 2 >= roster.length
  return encodeColumns(isWhole ? columns : { ...columns, ...metersUsed(columns) })
}

/** How many meters rows are of: a full frame needs no names of its own. */
function countMeters({ roster, meter }: ReadingColumns): number {
  const isUsed = new Uint8Array(roster.length)
  for (let row = 0; row < meter.length; row++) isUsed[meter[row]!] = 1
  let count = 0
  for (let index = 0; index < isUsed.length; index++) count += isUsed[index]!
  return count
}

/** The meters that rows are of, in the order of their first rows. */
function metersUsed({ roster, meter }: ReadingColumns): Pick<ReadingColumns, 'roster' | 'meter'> {
  const used: MeterId[] = []
  // By index in the roster, one above the index among those used.
  const places = new Uint32Array(roster.length)
  const own = meter.map((index) => {
    if (places[index] === 0) places[index] = used.push(roster[index]!)
    return places[index]! - 1
  })
  return { roster: used, meter: own }
}

/** The rows of each partition that has any, in their order. */
function rowsByPartition({ rows, meter }: ReadingColumns, plan: Plan): Map<number, Uint32Array> {
  const { partitionAt, rosters } = plan
  const last = meter.length - 1
  const counts = new Uint32Array(rosters.length)
  for (let row = 0; row < rows; row++) counts[partitionAt[meter[Math.min(row, last)]!]!]! += 1
  const own = Array.from(counts, (count) => new Uint32Array(count))
  counts.fill(0)
  for (let row = 0; row < rows; row++) {
    const partition = partitionAt[meter[Math.min(row, last)]!]!
    own[partition]![counts[partition]!++] = row
  }
  return new Map([...own.entries()].filter(([, each]) => each.length > 0))
}

/** Where the meters of a roster go. */
type Plan = {
  /** `[partition]` */
  readonly rosters: readonly (readonly MeterId[])[]
  /** For each meter of the roster, its partition and its index in the roster of that partition. */
  readonly partitionAt: Uint16Array
  readonly indexes: Uint32Array
  /** The partition of all of them; null where they are of several. */
  readonly only: number | null
  /** Bytes of the longest name in a record. */
  readonly nameBytes: number
}

/** Gateways send their own roster again and again, and equal ones are one object. */
const plans = new WeakMap<readonly MeterId[], Plan>()

function planOf(roster: readonly MeterId[], partitions: number): Plan {
  const known = plans.get(roster)
  if (known?.rosters.length === partitions) return known
  const rosters = Array.from({ length: partitions }, (): MeterId[] => [])
  const partitionAt = Uint16Array.from(roster, (name) => partitionOf(name, partitions))
  const indexes = Uint32Array.from(roster, (name, index) => {
    return rosters[partitionAt[index]!]!.push(name) - 1
  })
  const [first = 0] = partitionAt
  const only = partitionAt.every((each) => each === first) ? first : null
  const longest = roster.reduce((most, name) => Math.max(most, name.length), 0)
  const plan = { rosters, partitionAt, indexes, only, nameBytes: nameHeadBytes + longest }
  plans.set(roster, plan)
  return plan
}

/** In their order: a frame is of one source and one ingest, and fits into a record. */
function runsOf(readings: readonly Reading[]): Reading[][] {
  const runs: Reading[][] = []
  for (const reading of readings) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    const isSame = last && last.source === reading.source && last.ingest === reading.ingest
    if (run && isSame && run.length < rowsMax) run.push(reading)
    else runs.push([reading])
  }
  return runs
}
