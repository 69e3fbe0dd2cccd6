import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import { deviationColumns, groupColumns } from '../../schemas/sql/deviationColumns.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { SpeedGroupSum } from '../deviation/sumSpeedGroup.ts'
import type { DeviationRow } from '../microbatch/advanceChanges.ts'

/** What rows are computed from besides the log. */
export type Basis = {
  readonly generation: number
  /** Of the enrolments, as `MeterRegistry.revision` gives it. */
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
 * The version of a row that depends on the enrolments too. Their revision is above the offsets: a
 * sum without a member that left may have smaller offsets than the one with it.
 */
function enrolledVersionOf(basis: Basis, offset: number): bigint {
  return versionBefore(basis) + BigInt(offset)
}

function versionBefore({ generation, revision }: Basis): bigint {
  return ((BigInt(generation) << revisionBits) + BigInt(revision)) << offsetBits
}

/** Rows of `speed_deviation`. */
export function deviationRows(
  basis: Basis,
  rows: readonly DeviationRow[],
): InsertRow<'speed_deviation'>[] {
  const before = versionBefore(basis)
  return rows.map(({ deviation, offset }) => {
    // Not copied once more: these are most of all rows.
    return Object.assign(deviationColumns(deviation), {
      is_missing: deviation.isMissing,
      version: before + BigInt(offset),
    })
  })
}

/** Rows of `speed_group`. */
export function groupRows(
  basis: Basis,
  sums: readonly SpeedGroupSum[],
): InsertRow<'speed_group'>[] {
  return sums.map((sum) => ({
    ...groupColumns(sum),
    version: enrolledVersionOf(basis, sum.versionSum),
  }))
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
    ...{ group_id, start: start_ms, duration_s, version: enrolledVersionOf(basis, 0) },
    ...{ members: 0, load_w: 0, baseline_w: null, deviation_w: null },
  }))
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
