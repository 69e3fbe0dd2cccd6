import { type DeviationFactors, factorsOf } from '../../schemas/deviation/computeDeviation.ts'
import { type GroupPlan, planGroups } from '../../schemas/deviation/groupPlan.ts'
import type { DeviationOptions } from '../../schemas/deviation/options.ts'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import { earliestStart, type Grid, slotOf } from '../../schemas/meter/grid.ts'
import { areSameGrids } from '../../schemas/meter/groupGrid.ts'
import { mayBeNegative } from '../../schemas/meter/kind.ts'
import { areSame, groupSpans } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { areSameSteps } from '../../schemas/meter/step.ts'
import { type Acts, emptyActs } from '../../schemas/reading/acts.ts'
import { type EpochMs, localDayOf } from '../../schemas/time.ts'
import type { WordNames } from '../deviation/frameWords.ts'
import { type Group, onlyTerm, placesOf } from '../deviation/group.ts'
import type { Member } from '../deviation/memberWords.ts'
import { createNameTable } from '../deviation/nameTable.ts'
import { createRecentSums, forgetSums, type RecentSums } from '../deviation/recentSums.ts'
import { openMeterDay, type SpeedDay, setBaseline } from '../deviation/speedDay.ts'
import type { KnownFrames } from './frameMeters.ts'
import { dayOf, type Enrolled, type Roster } from './roster.ts'
import { holdAfter, type Spilled, spillDays } from './spillDays.ts'

export type SpeedOptions = DeviationOptions & {
  /** Allowed lateness after the end of an interval, s. */
  readonly latenessS: number
  /**
   * Cells that the state may hold, at `cellBytes` each: slots near a reading, baselines and further
   * versions (`cellsOf`). Beyond it days are spilled, the oldest first.
   */
  readonly cellsMax: number
}

/**
 * The whole state of the speed layer: a function of what batch published, of the enrolments and of
 * the log after it (invariant 1). It is never stored and can always be rebuilt.
 */
export type SpeedState = {
  readonly generation: number
  /** Revision of the enrolments it was created with; meters added later came after it. */
  readonly revision: number
  /** Rows before it belong to the batch view. */
  readonly highWaterMs: EpochMs
  /** Earliest start of an interval, of any known meter, that may contain the high-water mark. */
  readonly openFromMs: EpochMs
  /** See `CreateSpeedStateParameters`. */
  readonly replayFrom: (openFromMs: EpochMs, zone: string) => EpochMs
  readonly partitions: number
  /** What this process publishes; groups by who has the first one. `[partition]` */
  owned: readonly boolean[]
  readonly options: SpeedOptions
  readonly rosters: Map<string, Roster>
  /** What was decided about words so far. `[partition]` */
  acts: readonly Acts[]
  readonly names: WordNames
  readonly enrolled: Map<MeterId, Enrolled>
  /** Lists of meters of frames that were read lately. */
  frames: KnownFrames<Enrolled>
  /** Sites of the enrolled meters. */
  readonly sites: Set<string>
  /** Rebuilt when a meter is added. */
  groups: ReadonlyMap<string, Group>
  /** The options for intervals of a length, s. */
  readonly factors: Map<number, DeviationFactors>
  /** Sums of the groups' intervals that changed last. */
  readonly sums: RecentSums
  /** What all days take. */
  cells: number
  /** The day that was spilled last; null: none. */
  spilled: Spilled | null
  /** From here on all days of all rosters are held; -Infinity when nothing was spilled. */
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
  /**
   * The local midnight of a zone from which on readings are held, for rows that start at an instant
   * or after it; without it that of its day.
   */
  readonly replayFrom?: (openFromMs: EpochMs, zone: string) => EpochMs
}

export function createSpeedState(parameters: CreateSpeedStateParameters): SpeedState {
  const { generation, revision, highWaterMs, partitions, options, meters } = parameters
  const { replayFrom = midnightOf } = parameters
  const known = [...meters]
  const grids = [...planGroups(known).values()].map(({ grid }) => grid)
  const state: SpeedState = {
    generation,
    revision,
    highWaterMs,
    openFromMs: openFromMsOf(highWaterMs, [...known, ...grids]),
    replayFrom,
    partitions,
    owned: Array.from({ length: partitions }, () => true),
    options,
    rosters: new Map(),
    acts: Array.from({ length: partitions }, emptyActs),
    names: { sources: createNameTable(), ingests: createNameTable() },
    enrolled: new Map(),
    frames: new WeakMap(),
    sites: new Set(),
    groups: new Map(),
    factors: new Map(),
    sums: createRecentSums(options.cellsMax),
    cells: 0,
    spilled: null,
    spilledToMs: Number.NEGATIVE_INFINITY,
    maxEndMs: new Float64Array(partitions).fill(Number.NEGATIVE_INFINITY),
  }
  enrolMeters(state, known)
  return state
}

/**
 * Whether these enrolments change rows that the state has published: a known meter has another
 * site, kind, zone, groups or steps; a new one is of a known site, whose sums it may change, gives
 * a group other intervals, or has one that contains the high-water mark and starts earlier. Then
 * the state must be created again; otherwise `enrolMeters` adds the new ones.
 */
export function isOutdated(state: SpeedState, meters: Iterable<Meter>): boolean {
  const fresh: Meter[] = []
  for (const meter of meters) {
    const known = state.enrolled.get(meter.meter)
    if (!known) fresh.push(meter)
    else if (isChanged(known, meter)) return true
  }
  return fresh.length > 0 && areFelt(state, fresh)
}

function isChanged(known: Meter, now: Meter): boolean {
  if (known.site !== now.site || known.kind !== now.kind || known.zone !== now.zone) return true
  return !areSameSteps(known.steps, now.steps) || !areSame(known.groups, now.groups)
}

function areFelt(state: SpeedState, fresh: readonly Meter[]): boolean {
  if (fresh.some(({ site }) => state.sites.has(site))) return true
  if (openFromMsOf(state.highWaterMs, fresh) < state.openFromMs) return true
  const plans = planGroups([...state.enrolled.values(), ...fresh])
  return [...state.groups].some(([group, { grid }]) => {
    return !areSameGrids(grid, plans.get(group)!.grid)
  })
}

/** The earliest start of an interval that contains the high-water mark. */
function openFromMsOf(highWaterMs: EpochMs, grids: Iterable<Grid>): EpochMs {
  return Number.isFinite(highWaterMs) ? earliestStart(grids, highWaterMs) : highWaterMs
}

/** Adds unknown meters; the state must not be outdated by the others. */
export function enrolMeters(state: SpeedState, meters: Iterable<Meter>, isGuessed = false): void {
  for (const meter of meters) {
    if (state.enrolled.has(meter.meter)) continue
    const roster = rosterOf(state, meter)
    const enrolled = enrolledIn(roster, meter, isGuessed)
    roster.members.push(enrolled)
    state.enrolled.set(meter.meter, enrolled)
    state.sites.add(meter.site)
  }
  state.groups = buildGroups(state)
  for (const each of state.enrolled.values()) each.places = placesOf(state.groups, each)
  forgetSums(state.sums)
}

function enrolledIn(roster: Roster, from: Meter, isGuessed: boolean): Enrolled {
  const { meter, site, kind, zone, groups, intervalS, steps, account } = from
  // Not spread, as they are read once a reading (`openMeterDay`).
  return {
    meter,
    site,
    kind,
    zone,
    groups,
    intervalS,
    steps,
    account,
    roster,
    index: roster.members.length,
    mayBeNegative: mayBeNegative(kind),
    isGuessed,
    spans: groupSpans(groups),
    places: [],
  }
}

export type BaselineRow = {
  readonly meter: MeterId
  readonly startMs: EpochMs
  readonly durationS: number
  readonly baselineMwh: number
  readonly sigmaW: number
}

/**
 * Loads published baselines into their slots, in any order and in as many pieces as there are; call
 * before the first reading. Days for which they alone are too many are spilled.
 */
export function setBaselines(state: SpeedState, rows: Iterable<BaselineRow>): void {
  for (const { meter, startMs, durationS, baselineMwh, sigmaW } of rows) {
    const enrolled = state.enrolled.get(meter)
    if (enrolled === undefined || startMs < enrolled.roster.heldFromMs) continue
    const day = dayOf(enrolled.roster, startMs)
    if (day.stepS !== durationS) continue
    const slot = slotOf(day, startMs)
    if (slot < 0) continue
    const before = day.cells
    const at = openMeterDay(day, enrolled.index, enrolled.mayBeNegative)
    setBaseline(at, { slot, baselineMwh, sigmaW })
    takeCells(state, day.cells - before)
  }
}

/** Counts what a day of the state took; spills days if it is too much. */
export function takeCells(state: SpeedState, cells: number): void {
  if (cells === 0) return
  state.cells += cells
  const { spilled } = state
  spillDays(state)
  // They would keep the days.
  if (state.spilled !== spilled) state.frames = new WeakMap()
}

/** The formula's options for intervals of a length. */
export function factorsFor({ factors, options }: SpeedState, stepS: number): DeviationFactors {
  const known = factors.get(stepS)
  if (known) return known
  const own = factorsOf(options, stepS)
  factors.set(stepS, own)
  return own
}

function rosterOf(state: SpeedState, { zone, steps }: Meter): Roster {
  const name = `${zone} ${JSON.stringify(steps)}`
  const known = state.rosters.get(name)
  if (known) return known
  const { names } = state
  const heldFromMs = heldFromMsOf(state, zone)
  const days = new Map<string, SpeedDay>()
  const roster: Roster = { zone, steps, members: [], days, names, latest: null, heldFromMs }
  state.rosters.set(name, roster)
  holdAfter(state, roster)
  return roster
}

/**
 * The high-water mark is midnight in one zone and may be in the middle of a day in another: that
 * day's readings from before the high-water mark are part of the state after it.
 */
function heldFromMsOf({ openFromMs, replayFrom }: SpeedState, zone: string): EpochMs {
  return Number.isFinite(openFromMs) ? replayFrom(openFromMs, zone) : openFromMs
}

function midnightOf(ms: EpochMs, zone: string): EpochMs {
  return localDayOf(ms, zone).startMs
}

/** The earliest reading that the speed view may depend on. */
export function replayFromMs({ rosters, highWaterMs }: SpeedState): EpochMs {
  return Math.min(highWaterMs, ...[...rosters.values()].map((roster) => roster.heldFromMs))
}

/** Meters that nobody enrolled have no group, and no sum. */
function buildGroups(state: SpeedState): ReadonlyMap<string, Group> {
  const plans = planGroups(state.enrolled.values())
  return new Map([...plans].map(([group, plan], at) => [group, buildGroup(state, plan, at)]))
}

function buildGroup({ enrolled, partitions }: SpeedState, plan: GroupPlan, at: number): Group {
  const alone = new Map<Roster, number[]>()
  const others: number[] = []
  const sites = plan.sites.map(({ site, terms }, place) => {
    const members = terms.map((term): Member => {
      const { roster, index } = enrolled.get(term.meter)!
      if (!alone.has(roster)) alone.set(roster, [])
      const { meter, steps, sign, spans } = term
      return { meter, steps, sign, spans, roster, index, partition: partitionOf(meter, partitions) }
    })
    const only = onlyTerm(members)
    const own = only ? alone.get(only.roster as Roster)! : others
    own.push(place)
    return { site, terms: members, only }
  })
  const siteAt = new Map(sites.map(({ site }, index) => [site, index]))
  const rosters = [...alone].map(([roster, own]) => ({ roster, sites: own }))
  return { index: at, group: plan.group, grid: plan.grid, sites, siteAt, rosters, others }
}
