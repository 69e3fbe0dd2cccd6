import { slotOf } from '../../schemas/deviation/dayState.ts'
import type { DeviationOptions } from '../../schemas/deviation/options.ts'
import { groupStartMs, groupStepS } from '../../schemas/deviation/sumGroup.ts'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { Reading } from '../../schemas/reading.ts'
import { type EpochMs, localDayOf } from '../../schemas/time.ts'
import {
  createSpeedDay,
  type MeterDay,
  openMeterDay,
  type SpeedDay,
} from '../deviation/speedDay.ts'
import type { Group, Member } from '../deviation/sumSpeedGroup.ts'

export type SpeedOptions = DeviationOptions & {
  /** Allowed lateness after the end of an interval, s. */
  readonly latenessS: number
  /**
   * Cells that the state may hold: slots of a day of the meters with a reading or a baseline on it,
   * at `cellBytes` each. Beyond it the oldest days are spilled, except the newest with readings.
   */
  readonly cellsMax: number
}

/** Meters with the same zone and interval: they share the slots of a day. */
export type Roster = {
  readonly zone: string
  readonly stepS: number
  readonly meters: MeterId[]
  readonly days: Map<string, SpeedDay>
  /** The day found last: readings that follow each other are mostly of one day. */
  latest: SpeedDay | null
  /**
   * Earliest reading that a row or sum of the speed layer may depend on: a local midnight. It rises
   * when days are spilled.
   */
  heldFromMs: EpochMs
}

export type Enrolled = Meter & { readonly roster: Roster; readonly index: number }

/** The version that counts of a misaligned interval, with all versions. */
export type Misaligned = { counting: Reading; offset: number; readonly versions: Reading[] }

/**
 * The whole state of the speed layer: a function of what batch published, of the enrolments and of
 * the log after it (invariant 1). It is never stored and can always be rebuilt.
 */
export type SpeedState = {
  readonly generation: number
  /** Of the enrolments it was created with; meters added later came after it. */
  readonly revision: number
  /** Rows before it belong to the batch view. */
  readonly highWaterMs: EpochMs
  /** Earliest start of an interval, of any known meter, that may contain the high-water mark. */
  readonly openFromMs: EpochMs
  readonly partitions: number
  readonly options: SpeedOptions
  readonly rosters: Map<string, Roster>
  readonly enrolled: Map<MeterId, Enrolled>
  /** Rebuilt when a meter is added. */
  groups: ReadonlyMap<string, Group>
  readonly misaligned: Map<string, Misaligned>
  /** Allocated in all days. */
  cells: number
  /** Days that end by it are spilled: batch alone has their later readings. -Infinity: none. */
  spilledToMs: EpochMs
  /** Latest interval end seen. `[partition]` */
  readonly maxEndMs: Float64Array
}

export type CreateSpeedStateParameters = {
  readonly generation: number
  readonly revision: number
  readonly highWaterMs: EpochMs
  readonly partitions: number
  readonly options: SpeedOptions
  readonly meters: Iterable<Meter>
}

export function createSpeedState(parameters: CreateSpeedStateParameters): SpeedState {
  const { generation, revision, highWaterMs, partitions, options, meters } = parameters
  const known = [...meters]
  const steps = new Set(known.map(({ intervalS }) => intervalS))
  const opens = [...steps].map((stepS) => groupStartMs(highWaterMs, stepS))
  const state: SpeedState = {
    generation,
    revision,
    highWaterMs,
    openFromMs: Math.min(highWaterMs, ...opens),
    partitions,
    options,
    rosters: new Map(),
    enrolled: new Map(),
    groups: new Map(),
    misaligned: new Map(),
    cells: 0,
    spilledToMs: Number.NEGATIVE_INFINITY,
    maxEndMs: new Float64Array(partitions).fill(Number.NEGATIVE_INFINITY),
  }
  enrolMeters(state, known)
  return state
}

/**
 * Whether these enrolments change rows that the state has published: a known meter has another
 * zone, group or interval, or a new one makes the interval of a group, or of the high-water mark,
 * longer. Then the state must be created again; otherwise `enrolMeters` adds the new ones.
 */
export function isOutdated(state: SpeedState, meters: Iterable<Meter>): boolean {
  for (const { meter, zone, group, intervalS } of meters) {
    const known = state.enrolled.get(meter)
    if (known) {
      if (known.zone !== zone || known.group !== group || known.intervalS !== intervalS) return true
      continue
    }
    const stepS = state.groups.get(group)?.stepS ?? intervalS
    const isOpenEarlier = groupStartMs(state.highWaterMs, intervalS) < state.openFromMs
    if (intervalS > stepS || isOpenEarlier) return true
  }
  return false
}

/** Adds unknown meters; the state must not be outdated by the others. */
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

/** Loads the published baselines into their slots; call before the first reading. */
export function setBaselines(state: SpeedState, rows: readonly BaselineRow[]): void {
  for (const row of rows) {
    const enrolled = state.enrolled.get(row.meter)
    if (enrolled?.intervalS !== row.durationS) continue
    const day = dayOf(enrolled.roster, row.startMs)
    const slot = slotOf(day, row.startMs)
    if (slot < 0) continue
    const { block, column } = openColumn(state, day, enrolled)
    const cell = slot * block.capacity + column
    block.columns.baselineMwh[cell] = row.baselineMwh
    block.columns.sigmaW[cell] = row.sigmaW
  }
}

/** The day of a roster that contains an instant, without cells if it is new. */
export function dayOf(roster: Roster, startMs: EpochMs): SpeedDay {
  const { latest, zone, days } = roster
  if (latest && latest.day.startMs <= startMs && startMs < latest.day.endMs) return latest
  const local = localDayOf(startMs, zone)
  const day = days.get(local.date) ?? createSpeedDay(local, roster.stepS)
  days.set(local.date, day)
  roster.latest = day
  return day
}

/** The meter's column of a day; spills older days if the state has too many cells with it. */
export function openMeter(state: SpeedState, day: SpeedDay, enrolled: Enrolled): MeterDay {
  day.isRead = true
  const at = openColumn(state, day, enrolled)
  if (state.cells > state.options.cellsMax) spillDays(state)
  return at
}

function openColumn(state: SpeedState, day: SpeedDay, { index }: Enrolled): MeterDay {
  const before = day.cells
  const at = openMeterDay(day, index)
  state.cells += day.cells - before
  return at
}

/**
 * Lets go of the oldest days until the cells are within their bound; days that reach into the
 * newest one with readings stay. What is spilled depends only on which meters have readings on
 * which days, not on their order: an older day that is opened later is spilled at once.
 */
function spillDays(state: SpeedState): void {
  const days = [...state.rosters.values()].flatMap((roster) => [...roster.days.values()])
  const read = days.filter((day) => day.isRead)
  const newestMs = Math.max(...read.map(({ day }) => day.startMs))
  for (const { day } of read.sort((left, right) => left.day.endMs - right.day.endMs)) {
    if (state.cells <= state.options.cellsMax || day.endMs > newestMs) return
    spillTo(state, day.endMs)
  }
}

function spillTo(state: SpeedState, toMs: EpochMs): void {
  state.spilledToMs = Math.max(state.spilledToMs, toMs)
  for (const roster of state.rosters.values()) {
    for (const [date, { day, cells }] of roster.days) {
      if (day.endMs > toMs) continue
      state.cells -= cells
      roster.days.delete(date)
    }
    roster.latest = null
    roster.heldFromMs = Math.max(roster.heldFromMs, localDayOf(toMs, roster.zone).startMs)
  }
  for (const [name, { counting }] of state.misaligned) {
    if (counting.startMs < toMs) state.misaligned.delete(name)
  }
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
    ...{ zone, stepS: intervalS, meters: [], days: new Map(), latest: null },
    heldFromMs: heldFromMsOf(state, zone),
  }
  state.rosters.set(name, roster)
  return roster
}

/**
 * The high-water mark is midnight in one zone and may be in the middle of a day in another: that
 * day's readings from before the high-water mark are part of the state after it.
 */
function heldFromMsOf({ openFromMs, spilledToMs }: SpeedState, zone: string): EpochMs {
  const fromMs = Math.max(openFromMs, spilledToMs)
  return Number.isFinite(fromMs) ? localDayOf(fromMs, zone).startMs : fromMs
}

/** The earliest reading that the speed view may depend on. */
export function replayFromMs({ rosters, highWaterMs }: SpeedState): EpochMs {
  return Math.min(highWaterMs, ...[...rosters.values()].map((roster) => roster.heldFromMs))
}

/** Meters that nobody enrolled have no group, and no sum. */
function buildGroups(state: SpeedState): ReadonlyMap<string, Group> {
  const byName = new Map<string, Enrolled[]>()
  for (const enrolled of state.enrolled.values()) {
    if (enrolled.group === '') continue
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
