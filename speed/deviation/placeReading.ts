import { numberOrNull } from '../../schemas/deviation/readDeviation.ts'
import {
  compareVersions,
  isSameVersion,
  type Quality,
  type Reading,
} from '../../schemas/reading.ts'
import { energyMwh } from '../../schemas/units.ts'
import type { DayBlock, MeterDay } from './speedDay.ts'

/** `duplicate` adds nothing; `corrected` is another value for an interval that has one. */
export type Placement = {
  readonly verdict: 'new' | 'corrected' | 'duplicate'
  /** Whether the version that counts changed, and with it everything that depends on it. */
  readonly isCounting: boolean
}

/** Puts a reading into its slot if it is the version that counts there (invariant 2). */
export function placeReading(
  at: MeterDay,
  place: { readonly reading: Reading; readonly slot: number; readonly offset: number },
): Placement {
  const { block, column } = at
  const { reading, slot, offset } = place
  const cell = slot * block.capacity + column
  if (Number.isNaN(block.columns.energyMwh[cell]!)) {
    writeCell(block, cell, { reading, offset })
    block.lastSlot[column] = Math.max(block.lastSlot[column]!, slot)
    return placedNew
  }
  const counting = readCell(block, cell, reading)
  const versions = at.others?.get(slot) ?? [counting]
  if (versions.some((each) => isSameVersion(each, reading))) return repeated
  at.others = (at.others ?? new Map<number, Reading[]>()).set(slot, [...versions, reading])
  const isCounting = compareVersions(reading, counting) > 0
  if (isCounting) writeCell(block, cell, { reading, offset })
  return { verdict: 'corrected', isCounting }
}

const placedNew: Placement = { verdict: 'new', isCounting: true }
const repeated: Placement = { verdict: 'duplicate', isCounting: false }

function writeCell(
  { columns, arrival }: DayBlock,
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

function readCell({ columns, arrival }: DayBlock, cell: number, like: Reading): Reading {
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
