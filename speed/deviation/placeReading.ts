import { numberOrNull } from '../../schemas/deviation/readDeviation.ts'
import {
  compareVersions,
  isSameVersion,
  type Quality,
  type Reading,
  versionKey,
} from '../../schemas/reading/reading.ts'
import { energyMwh } from '../../schemas/units.ts'
import { cellsOf, findRun, type MeterDay, openRun, type Run } from './speedDay.ts'

/** `duplicate` adds nothing; `corrected` is another value for an interval that has one. */
export type Placement = {
  readonly verdict: 'new' | 'corrected' | 'duplicate'
  /** Whether the version that counts changed, and with it everything that depends on it. */
  readonly isCounting: boolean
}

/**
 * Puts a reading into its slot if it is the version that counts there (invariant 2). It takes the
 * same time however many versions the interval has.
 */
export function placeReading(
  at: MeterDay,
  place: { readonly reading: Reading; readonly slot: number; readonly offset: number },
): Placement {
  const { reading, slot } = place
  const run = findRun(at, slot) ?? openRun(at, slot)
  if (Number.isNaN(run.block.columns.energyMwh[slot + run.shift]!)) {
    writeCell(run, place)
    at.lastSlot = Math.max(at.lastSlot, slot)
    return placedNew
  }
  const counting = readCell(run, slot, reading)
  if (isSameVersion(counting, reading) || !addVersion(at, slot, { counting, reading })) {
    return repeated
  }
  const isCounting = compareVersions(reading, counting) > 0
  if (isCounting) writeCell(run, place)
  return isCounting ? correctedCounting : corrected
}

const placedNew: Placement = { verdict: 'new', isCounting: true }
const repeated: Placement = { verdict: 'duplicate', isCounting: false }
const corrected: Placement = { verdict: 'corrected', isCounting: false }
const correctedCounting: Placement = { verdict: 'corrected', isCounting: true }

/** Whether the interval did not have this value yet. */
function addVersion(
  at: MeterDay,
  slot: number,
  { counting, reading }: { counting: Reading; reading: Reading },
): boolean {
  at.versions ??= new Map()
  const known = at.versions.get(slot)
  const values = known ?? new Set([versionKey(counting)])
  const before = values.size
  values.add(versionKey(reading))
  if (values.size === before) return false
  if (!known) {
    at.versions.set(slot, values)
    at.day.cells += cellsOf.versions
  }
  at.day.cells += cellsOf.version
  return true
}

function writeCell(
  { block: { columns, arrival }, shift }: Run,
  { reading, slot, offset }: { reading: Reading; slot: number; offset: number },
): void {
  const cell = slot + shift
  columns.energyMwh[cell] = reading.energyMwh
  columns.durationS[cell] = reading.durationS
  arrival.powerW[cell] = reading.powerW ?? Number.NaN
  arrival.reactiveVar[cell] = reading.reactiveVar ?? Number.NaN
  arrival.quality[cell] = reading.quality
  arrival.revision[cell] = reading.revision
  arrival.offset[cell] = offset
}

function readCell({ block: { columns, arrival }, shift }: Run, slot: number, like: Reading) {
  const cell = slot + shift
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
