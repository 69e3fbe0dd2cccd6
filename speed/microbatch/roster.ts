import type { GroupSpan } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { DatedSteps } from '../../schemas/meter/step.ts'
import { type EpochMs, localDayOf } from '../../schemas/time.ts'
import type { WordNames } from '../deviation/frameWords.ts'
import type { GroupPlace } from '../deviation/group.ts'
import { createSpeedDay, type SpeedDay } from '../deviation/speedDay.ts'

/** Meters with the same zone and steps: they share the slots of a day. */
export type Roster = {
  readonly zone: string
  readonly steps: DatedSteps
  /** Its meters: `[index]` of each. */
  readonly members: Enrolled[]
  readonly days: Map<string, SpeedDay>
  readonly names: WordNames
  /** The day found last: readings that follow each other are mostly of one day. */
  latest: SpeedDay | null
  /**
   * Earliest reading that a row or sum of the speed layer may depend on: a local midnight. It rises
   * when days are spilled: batch alone has their later readings.
   */
  heldFromMs: EpochMs
}

/** A meter, with its place in its roster. */
export type Enrolled = Meter & {
  readonly roster: Roster
  readonly index: number
  readonly mayBeNegative: boolean
  /** Nobody enrolled it: its step is that of a reading in the log. */
  readonly isGuessed: boolean
  /** What rows name its groups by. */
  readonly spans: readonly GroupSpan[]
  /** In `SpeedState.groups`; found again when those change. */
  places: readonly GroupPlace[]
}

/** The day of a roster that contains an instant, without cells if it is new. */
export function dayOf(roster: Roster, startMs: EpochMs): SpeedDay {
  const { latest, zone, days } = roster
  if (latest && contains(latest, startMs)) return latest
  const local = localDayOf(startMs, zone)
  const day = days.get(local.date) ?? createSpeedDay(local, roster.steps, roster.names)
  days.set(local.date, day)
  roster.latest = day
  return day
}

export function findDay(roster: object, startMs: EpochMs): SpeedDay | undefined {
  const { latest, days, zone } = roster as Roster
  if (latest && contains(latest, startMs)) return latest
  return days.get(localDayOf(startMs, zone).date)
}

function contains({ day }: SpeedDay, ms: EpochMs): boolean {
  return day.startMs <= ms && ms < day.endMs
}
