import { numberOrNull } from '../../schemas/deviation/readDeviation.ts'
import {
  compareVersions,
  isSameVersion,
  type Quality,
  type Reading,
} from '../../schemas/reading.ts'
import { energyMwh } from '../../schemas/units.ts'
import type { SpeedDay } from './speedDay.ts'

/** `duplicate` adds nothing; `corrected` is another value for an interval that has one. */
export type Placement = {
  readonly verdict: 'new' | 'corrected' | 'duplicate'
  /** Whether the version that counts changed, and with it everything that depends on it. */
  readonly isCounting: boolean
}

/**
 * All versions of intervals that have more than one, including the one that counts. Such intervals
 * are rare, so they are kept outside the columns.
 */
export type OtherVersions = Map<SpeedDay, Map<number, Reading[]>>

/** Puts a reading into its slot if it is the version that counts there (invariant 2). */
export function placeReading(
  day: SpeedDay,
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

function versionsOf(others: OtherVersions, day: SpeedDay, key: number): Reading[] | undefined {
  return others.get(day)?.get(key)
}

function writeCell(
  { columns, arrival }: SpeedDay,
  cell: number,
  { reading, offset }: { reading: Reading; offset: number },
): void {
  columns.energyMwh[cell] = reading.energyMwh
  columns.durationS[cell] = reading.durationS
  arrival.powerW[cell] = reading.powerW ?? Number.NaN
  arrival.reactiveVar[cell] = reading.reactiveVar ?? Number.NaN
  arrival.quality[cell] = reading.quality
  arrival.revision[cell] = reading.revision
  arrival.offset[cell] = offset
}

function readCell({ columns, arrival }: SpeedDay, cell: number, like: Reading): Reading {
  return {
    meter: like.meter,
    startMs: like.startMs,
    durationS: columns.durationS[cell]!,
    energyMwh: energyMwh(columns.energyMwh[cell]!),
    powerW: numberOrNull(arrival.powerW[cell]!),
    reactiveVar: numberOrNull(arrival.reactiveVar[cell]!),
    quality: arrival.quality[cell]! as Quality,
    revision: arrival.revision[cell]!,
  }
}
