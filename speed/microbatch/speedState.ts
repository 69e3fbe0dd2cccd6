import { slotOf } from '../../schemas/deviation/dayState.ts'
import type { DeviationOptions } from '../../schemas/deviation/options.ts'
import { groupStartMs, groupStepS } from '../../schemas/deviation/sumGroup.ts'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { Reading } from '../../schemas/reading.ts'
import { type EpochMs, localDayOf } from '../../schemas/time.ts'
import type { OtherVersions } from '../deviation/placeReading.ts'
import { createSpeedDay, growSpeedDay, type SpeedDay } from '../deviation/speedDay.ts'
import type { Group, Member } from '../deviation/sumSpeedGroup.ts'

export type SpeedOptions = DeviationOptions & {
  /** Readings may come this late after the end of their interval, s. */
  readonly latenessS: number
}

/** Meters of one zone and interval: they share the arrays of a day. */
export type Roster = {
  readonly zone: string
  readonly stepS: number
  readonly meters: MeterId[]
  readonly days: Map<string, SpeedDay>
  /** Earliest reading that a row or a sum of the speed layer may rest on: a local midnight. */
  readonly heldFromMs: EpochMs
}

export type Enrolled = Meter & { readonly roster: Roster; readonly index: number }

/** The counting version of an interval that starts on no slot of its meter, with all versions. */
export type Misaligned = { counting: Reading; offset: number; readonly versions: Reading[] }

/**
 * All the speed layer knows: a function of what batch published and of the log from there
 * (invariant 1). It is never stored; whoever loses it makes it again.
 */
export type SpeedState = {
  readonly generation: number
  /** Rows before it belong to the batch view. */
  readonly highWaterMs: EpochMs
  /** Start of the longest interval, of any meter known by then, that the mark may fall into. */
  readonly openFromMs: EpochMs
  readonly partitions: number
  readonly options: SpeedOptions
  readonly rosters: Map<string, Roster>
  readonly enrolled: Map<MeterId, Enrolled>
  /** Made again when a meter comes in. */
  groups: ReadonlyMap<string, Group>
  readonly others: OtherVersions
  readonly misaligned: Map<string, Misaligned>
  /** Latest end of an interval seen. `[partition]` */
  readonly maxEndMs: Float64Array
}

export type CreateSpeedStateParameters = {
  readonly generation: number
  readonly highWaterMs: EpochMs
  readonly partitions: number
  readonly options: SpeedOptions
  readonly meters: Iterable<Meter>
}

export function createSpeedState(parameters: CreateSpeedStateParameters): SpeedState {
  const { generation, highWaterMs, partitions, options, meters } = parameters
  const known = [...meters]
  const stepS = groupStepS(known)
  const state: SpeedState = {
    generation,
    highWaterMs,
    openFromMs: stepS > 0 ? groupStartMs(highWaterMs, stepS) : highWaterMs,
    partitions,
    options,
    rosters: new Map(),
    enrolled: new Map(),
    groups: new Map(),
    others: new Map(),
    misaligned: new Map(),
    maxEndMs: new Float64Array(partitions).fill(Number.NEGATIVE_INFINITY),
  }
  enrolMeters(state, known)
  return state
}

/** Takes meters it does not know; what is known of the others stays until the next generation. */
export function enrolMeters(state: SpeedState, meters: Iterable<Meter>): void {
  for (const meter of meters) {
    if (state.enrolled.has(meter.meter)) continue
    const roster = rosterOf(state, meter)
    const index = roster.meters.push(meter.meter) - 1
    state.enrolled.set(meter.meter, { ...meter, roster, index })
  }
  state.groups = buildGroups(state)
}

export type BaselineRow = {
  readonly meter: MeterId
  readonly startMs: EpochMs
  readonly durationS: number
  readonly baselineMwh: number
  readonly sigmaW: number
}

/** Puts the published baselines where their readings will come; before the first reading. */
export function setBaselines(state: SpeedState, rows: readonly BaselineRow[]): void {
  for (const row of rows) {
    const enrolled = state.enrolled.get(row.meter)
    if (enrolled?.intervalS !== row.durationS) continue
    const day = openDay(enrolled, row.startMs)
    const slot = slotOf(day, row.startMs)
    if (slot < 0) continue
    const cell = slot * day.capacity + enrolled.index
    day.columns.baselineMwh[cell] = row.baselineMwh
    day.columns.sigmaW[cell] = row.sigmaW
  }
}

/** The day of a meter that an instant falls into, made when it is not there. */
export function openDay({ roster, index }: Enrolled, startMs: EpochMs): SpeedDay {
  const local = localDayOf(startMs, roster.zone)
  let day = roster.days.get(local.date)
  if (!day) {
    day = createSpeedDay(local, roster.stepS, Math.max(1, roster.meters.length))
    roster.days.set(local.date, day)
  }
  if (index >= day.capacity) growSpeedDay(day, Math.max(roster.meters.length, 2 * day.capacity))
  return day
}

export function findDay(roster: object, startMs: EpochMs): SpeedDay | undefined {
  const { days, zone } = roster as Roster
  return days.get(localDayOf(startMs, zone).date)
}

function rosterOf(state: SpeedState, { zone, intervalS }: Meter): Roster {
  const name = `${zone} ${intervalS}`
  const known = state.rosters.get(name)
  if (known) return known
  const roster = {
    ...{ zone, stepS: intervalS, meters: [], days: new Map() },
    heldFromMs: heldFromMsOf(state, zone),
  }
  state.rosters.set(name, roster)
  return roster
}

/**
 * The mark is a midnight of one zone and may fall into the middle of a day of another: what was
 * read of that day before the mark is part of the state after it.
 */
function heldFromMsOf({ openFromMs }: SpeedState, zone: string): EpochMs {
  return Number.isFinite(openFromMs) ? localDayOf(openFromMs, zone).startMs : openFromMs
}

/** The earliest reading that the speed view may rest on. */
export function replayFromMs({ rosters, highWaterMs }: SpeedState): EpochMs {
  return Math.min(highWaterMs, ...[...rosters.values()].map((roster) => roster.heldFromMs))
}

function buildGroups(state: SpeedState): ReadonlyMap<string, Group> {
  const byName = new Map<string, Enrolled[]>()
  for (const enrolled of state.enrolled.values()) {
    const members = byName.get(enrolled.group) ?? []
    members.push(enrolled)
    byName.set(enrolled.group, members)
  }
  return new Map([...byName].map(([name, members]) => [name, buildGroup(state, name, members)]))
}

function buildGroup(state: SpeedState, name: string, enrolled: Enrolled[]): Group {
  enrolled.sort((left, right) => (left.meter < right.meter ? -1 : 1))
  const members = enrolled.map((each): Member => {
    const partition = partitionOf(each.meter, state.partitions)
    return { roster: each.roster, index: each.index, intervalS: each.intervalS, partition }
  })
  return { name, stepS: groupStepS(members), members }
}
