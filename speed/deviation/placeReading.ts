import {
  compareVersions,
  isSameVersion,
  type Quality,
  type Reading,
} from '../../schemas/reading.ts'
import { energyMwh } from '../../schemas/units.ts'
import type { DayState } from './dayState.ts'

/** `duplicate` adds nothing; `corrected` is another value of an interval that has one. */
export type Placement = {
  readonly verdict: 'new' | 'corrected' | 'duplicate'
  /** Whether the counting version changed, and so what depends on it. */
  readonly isCounting: boolean
}

/**
 * Versions of intervals that have more than one, counting one included. Almost none have, so they
 * stand beside the columns.
 */
export type OtherVersions = Map<DayState, Map<number, Reading[]>>

/** Puts a reading into its slot if it is the version that counts there (invariant 2). */
export function placeReading(
  day: DayState,
  others: OtherVersions,
  place: { reading: Reading; meter: number; slot: number; offset: number },
): Placement {
  const { reading, meter, slot, offset } = place
  const cell = slot * day.capacity + meter
  if (Number.isNaN(day.columns.energyMwh[cell]!)) {
    writeCell(day, cell, { reading, offset })
    day.lastSlot[meter] = Math.max(day.lastSlot[meter]!, slot)
    return { verdict: 'new', isCounting: true }
  }
  const counting = readCell(day, cell, reading)
  const versions = versionsOf(others, day, meter * day.slots + slot) ?? [counting]
  if (versions.some((each) => isSameVersion(each, reading))) {
    return { verdict: 'duplicate', isCounting: false }
  }
  const ofDay = others.get(day) ?? new Map<number, Reading[]>()
  others.set(day, ofDay.set(meter * day.slots + slot, [...versions, reading]))
  const isCounting = compareVersions(reading, counting) > 0
  if (isCounting) writeCell(day, cell, { reading, offset })
  return { verdict: 'corrected', isCounting }
}

function versionsOf(others: OtherVersions, day: DayState, key: number): Reading[] | undefined {
  return others.get(day)?.get(key)
}

function writeCell(
  { columns }: DayState,
  cell: number,
  { reading, offset }: { reading: Reading; offset: number },
): void {
  columns.energyMwh[cell] = reading.energyMwh
  columns.durationS[cell] = reading.durationS
  columns.powerW[cell] = reading.powerW ?? Number.NaN
  columns.reactiveVar[cell] = reading.reactiveVar ?? Number.NaN
  columns.quality[cell] = reading.quality
  columns.revision[cell] = reading.revision
  columns.offset[cell] = offset
}

function readCell({ columns }: DayState, cell: number, like: Reading): Reading {
  return {
    meter: like.meter,
    startMs: like.startMs,
    durationS: columns.durationS[cell]!,
    energyMwh: energyMwh(columns.energyMwh[cell]!),
    powerW: numberOrNull(columns.powerW[cell]!),
    reactiveVar: numberOrNull(columns.reactiveVar[cell]!),
    quality: columns.quality[cell]! as Quality,
    revision: columns.revision[cell]!,
  }
}

export function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
