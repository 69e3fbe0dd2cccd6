import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import type { InsertColumns } from '../../schemas/sql/insertColumns.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { SpeedGroupSum } from '../deviation/sumSpeedGroup.ts'
import {
  createDeviationBlock,
  type DeviationBlock,
  exceptionsOf,
} from '../microbatch/deviationBlock.ts'

/** What rows are computed from besides the log. */
export type Basis = {
  readonly generation: number
  /** Revision of the enrolments, as `MeterRegistry.revision` gives it. */
  readonly revision: number
}

/** Offsets, and their sums, stay below 2^40. */
const offsetBits = 40n
const revisionBits = 64n

/** The version of a row that depends on the log alone: the generation first, a newer one wins. */
function versionOf(generation: number, offset: number): number | bigint {
  const version = generation * 2 ** Number(offsetBits) + offset
  // A row a record: a bigint of each would cost more than the rest of it.
  if (Number.isSafeInteger(version)) return version
  return (BigInt(generation) << offsetBits) + BigInt(offset)
}

/**
 * Below the versions of rows that depend on the enrolments too, which add an offset or a sum of
 * offsets. Their revision is above the offsets: a sum without a member that left may have smaller
 * offsets than the one with it.
 */
function versionBefore({ generation, revision }: Basis): bigint {
  return ((BigInt(generation) << revisionBits) + BigInt(revision)) << offsetBits
}

/** Rows of `speed_deviation`. */
export function deviationRows(
  basis: Basis,
  { rows, columns, meters, groups }: DeviationBlock,
): InsertColumns<'speed_deviation'> {
  // As the batch row that replaces it, it has every column.
  const all: Required<InsertColumns<'speed_deviation'>['columns']> = {
    meter: { texts: meters, indexes: columns.meter },
    start: columns.startMs,
    version: { base: versionBefore(basis), added: columns.offset },
    group_id: { texts: [...groups.keys()], indexes: columns.group },
    duration_s: columns.durationS,
    energy_mwh: columns.energyMwh,
    baseline_mwh: columns.baselineMwh,
    ratio: columns.ratio,
    deviation_w: columns.deviationW,
    z: columns.z,
    rolling_wh: columns.rollingWh,
    is_exception: columns.isException,
    is_missing: columns.isMissing,
  }
  return { rows, columns: all }
}

/** An insert of so many rows takes some milliseconds more than one of a row. */
const rowsOfFew = 20_000

/**
 * The rows of `speed_deviation` that are exceptions, which are stored before the others; none where
 * all of them are few enough to go first.
 */
export function exceptionRows(
  basis: Basis,
  deviations: DeviationBlock,
): InsertColumns<'speed_deviation'> {
  const isFew = deviations.rows <= rowsOfFew
  return deviationRows(basis, isFew ? createDeviationBlock(0) : exceptionsOf(deviations))
}

/** Rows of `speed_group`. */
export function groupRows(
  basis: Basis,
  sums: readonly SpeedGroupSum[],
): InsertColumns<'speed_group'> {
  const numbers = (of: (sum: SpeedGroupSum) => number | null) =>
    Float64Array.from(sums, (sum) => of(sum) ?? Number.NaN)
  const all: Required<InsertColumns<'speed_group'>['columns']> = {
    group_id: { texts: sums.map(({ group }) => group), indexes: Uint32Array.from(sums.keys()) },
    start: numbers(({ startMs }) => startMs),
    version: { base: versionBefore(basis), added: numbers(({ versionSum }) => versionSum) },
    duration_s: numbers(({ durationS }) => durationS),
    members: numbers(({ members }) => members),
    load_w: numbers(({ loadW }) => loadW),
    baseline_w: numbers(({ baselineW }) => baselineW),
    deviation_w: numbers(({ deviationW }) => deviationW),
  }
  return { rows: sums.length, columns: all }
}

/**
 * Rows of `speed_group` without members, for sums that no longer exist. Every sum of this basis has
 * a larger version, and every row of an earlier one a smaller.
 */
export function voidGroupRows(
  basis: Basis,
  sums: readonly RowOf<'void_group_sums'>[],
): InsertRow<'speed_group'>[] {
  return sums.map(({ group_id, start_ms, duration_s }) => ({
    ...{ group_id, start: start_ms, duration_s, version: versionBefore(basis) },
    ...{ members: 0, load_w: 0, baseline_w: null, deviation_w: null },
  }))
}

/** Rows of `shown_enrolments`: each partition's owner says it of its own. */
export function enrolmentRows(
  owned: readonly boolean[],
  revision: number,
): InsertRow<'shown_enrolments'>[] {
  return owned.flatMap((isOwn, partition) =>
    isOwn ? [{ layer: `speed/${partition}`, revision }] : [],
  )
}

export type Reached = {
  readonly partition: number
  readonly offset: number
  readonly watermarkMs: EpochMs
  /** Days that end by it were spilled; -Infinity: none. */
  readonly spilledToMs: EpochMs
}

/** Rows of `watermarks`; none before the first reading of a partition. */
export function watermarkRows(generation: number, at: Reached): InsertRow<'watermarks'>[] {
  if (!Number.isFinite(at.watermarkMs)) return []
  const version = versionOf(generation, at.offset)
  const held_from = Number.isFinite(at.spilledToMs) ? at.spilledToMs : null
  return [{ log_partition: at.partition, version, watermark: at.watermarkMs, held_from }]
}
