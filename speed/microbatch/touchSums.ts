import { intervalAt, isWhole, slotStartMs } from '../../schemas/meter/grid.ts'
import type { EpochMs, TimeRange } from '../../schemas/time.ts'
import { cellState } from '../deviation/arrival.ts'
import { type BlockPlaces, placesOfBlock } from '../deviation/blockPlaces.ts'
import { type LaneRange, rangeOf } from '../deviation/computeBlock.ts'
import { fillSums } from '../deviation/fillSums.ts'
import { type Group, type GroupPlace, isGroupHeld, isOfStep } from '../deviation/group.ts'
import { findSum, keepSum } from '../deviation/recentSums.ts'
import { hasWord } from '../deviation/speedDay.ts'
import { emptySum, type IntervalSum, putLanes, putSite } from '../deviation/sumSpeedGroup.ts'
import type { Change, ChangedBlock } from './changes.ts'
import { eachChangedRun } from './eachChangedRun.ts'
import { findDay, type Roster } from './roster.ts'
import type { SpeedState } from './speedState.ts'

/** What changed. */
export type Touched = {
  /** By the start of the interval. */
  readonly groups: Map<Group, TouchedGroup>
  /** By the start of a slot, what lanes are put into: by `Group.index`, looked up once. */
  readonly slots: Map<Roster, Map<EpochMs, (SumOfLanes | undefined)[]>>
}

export function nothingTouched(): Touched {
  return { groups: new Map(), slots: new Map() }
}

/**
 * `latest`: the interval looked up last, which is that of most readings of a micro-batch, and what
 * changed of it: null where it is not summed here.
 */
type TouchedGroup = {
  readonly starts: Map<EpochMs, TouchedSum>
  latest: TimeRange
  changed: TouchedSum | null
}

/**
 * A sum that changed, once it is looked up. A new one is empty until `sumsOf` puts all sites into
 * it; into another one changed lanes were put already, and these sites are not yet.
 */
type TouchedSum = { sum: IntervalSum | null; isNew: boolean; readonly sites: number[] }

type Marked = Pick<SpeedState, 'highWaterMs'>
type Summing = Pick<SpeedState, 'highWaterMs' | 'sums' | 'groups'>

/** The sums that changed, complete. */
export function sumsOf({ sums: recent }: Summing, touched: Touched): IntervalSum[] {
  const all = [...touched.groups].flatMap(([group, { starts }]) =>
    [...starts].map(([startMs, own]) => ({ own, sum: openSum(recent, own, { group, startMs }) })),
  )
  const created = all.filter(({ own }) => own.isNew).map(({ sum }) => sum)
  fillSums(created, findDay)
  for (const sum of created) keepSum(recent, sum)
  for (const { own, sum } of all) {
    if (!own.isNew) for (const site of own.sites) putSite(sum, site, findDay)
  }
  return all.map(({ sum }) => sum)
}

function openSum(
  recent: SpeedState['sums'],
  own: TouchedSum,
  { group, startMs }: { readonly group: Group; readonly startMs: EpochMs },
): IntervalSum {
  if (own.sum) return own.sum
  const known = findSum(recent, group, startMs)
  own.isNew = known === null
  own.sum = known ?? emptySum(group, startMs)
  return own.sum
}

/** Adds the intervals of groups whose sums depend on what changed. */
export function touchSums(state: Marked, touched: Touched, change: Change): void {
  const { day } = change.at
  for (const place of change.enrolled.places) {
    const own = touchedOf(touched, place.group)
    let seenToMs = Number.NEGATIVE_INFINITY
    eachWord(change, (slot) => {
      const ms = slotStartMs(day, slot)
      if (ms >= seenToMs) seenToMs = touchAt(state, own, { place, ms })
    })
  }
}

/**
 * The same of the changed lanes of a block, which are put into their sums at once: they must be
 * computed.
 */
export function touchLanes(state: Summing, touched: Touched, changed: ChangedBlock): void {
  const { block, fromSlots, roster } = changed
  const { lastSlot } = block.lanes
  const range = rangeOf(fromSlots)
  let [first, last] = [block.next, -1]
  for (let { lane } = range; lane < range.end; lane++) {
    if (fromSlots[lane]! > lastSlot[lane]!) continue
    first = Math.min(first, fromSlots[lane]!)
    last = Math.max(last, lastSlot[lane]!)
  }
  const places = placesOfBlock(block, roster)
  for (let slot = first; slot <= last; slot++)
    putSlot(state, touched, { changed, places, slot, range })
  for (const { lane, place } of places.others) {
    const own = touchedOf(touched, place.group)
    let seenToMs = Number.NEGATIVE_INFINITY
    for (let slot = fromSlots[lane]!; slot <= lastSlot[lane]!; slot++) {
      if (!hasWordIn(changed, slot, lane)) continue
      const ms = slotStartMs(block, slot)
      if (ms >= seenToMs) seenToMs = touchAt(state, own, { place, ms })
    }
  }
}

type ChangedSlot = {
  readonly changed: ChangedBlock
  readonly places: BlockPlaces
  readonly slot: number
  readonly range: LaneRange
}

function putSlot(state: Summing, touched: Touched, { changed, places, slot, range }: ChangedSlot) {
  const { block, roster, fromSlots } = changed
  const startMs = slotStartMs(block, slot)
  const found = foundAt(state, touched, { roster, startMs })
  const at = { slot, fromLane: range.lane, toLane: range.end, fromSlots }
  for (const layer of places.layers) {
    const sumOf = (index: number, lane: number) => {
      const sum =
        found[index] ?? lookUp(state, touched, { place: layer.places[lane]!, roster, startMs })
      found[index] = sum
      const { exact, coarse } = sum
      coarse?.sites.push(layer.sites[lane]!)
      return exact
    }
    putLanes({ block, layer, sumOf }, at)
  }
}

function foundAt(
  { groups }: Summing,
  { slots }: Touched,
  { roster, startMs }: { readonly roster: Roster; readonly startMs: EpochMs },
): (SumOfLanes | undefined)[] {
  const own = slots.get(roster) ?? new Map<EpochMs, (SumOfLanes | undefined)[]>()
  slots.set(roster, own)
  const found = own.get(startMs) ?? new Array<SumOfLanes | undefined>(groups.size)
  own.set(startMs, found)
  return found
}

/** `exact`: lanes are put into it. `coarse`: an interval of which theirs is a part. */
type SumOfLanes = { readonly exact: IntervalSum | null; readonly coarse: TouchedSum | null }

const notSummed: SumOfLanes = { exact: null, coarse: null }

function lookUp(
  state: Summing,
  touched: Touched,
  at: { readonly place: GroupPlace; readonly roster: Roster; readonly startMs: EpochMs },
): SumOfLanes {
  const { roster, startMs } = at
  const { group } = at.place
  const own = touchedOf(touched, group)
  const changed = summedAt(state, own, { group, ms: startMs })
  if (!changed) return notSummed
  own.starts.set(own.latest.startMs, changed)
  const isExact = own.latest.startMs === startMs && isOfStep(group, roster, startMs)
  if (!isExact) return { exact: null, coarse: changed }
  const sum = openSum(state.sums, changed, { group, startMs })
  // All of a new one comes later.
  return changed.isNew ? notSummed : { exact: sum, coarse: null }
}

function hasWordIn({ block }: ChangedBlock, slot: number, lane: number): boolean {
  const cell = (slot - block.first) * block.capacity + lane
  return block.arrival.state[cell] !== cellState.none
}

function touchedOf(touched: Touched, group: Group): TouchedGroup {
  const known = touched.groups.get(group)
  if (known) return known
  const own: TouchedGroup = { starts: new Map(), latest: noInterval, changed: null }
  touched.groups.set(group, own)
  return own
}

const noInterval: TimeRange = { startMs: 0, endMs: 0 }

/** Adds the site of a place for the interval that contains an instant; returns its end. */
function touchAt(
  state: Marked,
  own: TouchedGroup,
  { place, ms }: { readonly place: GroupPlace; readonly ms: EpochMs },
): EpochMs {
  const { group, site, fromMs, untilMs } = place
  const sum = summedAt(state, own, { group, ms })
  const { startMs, endMs } = own.latest
  if (sum && fromMs <= startMs && startMs < untilMs) {
    own.starts.set(startMs, sum)
    sum.sites.push(site)
  }
  return endMs
}

/** What changed of the group's interval that contains an instant, `own.latest` then. */
function summedAt(
  { highWaterMs }: Marked,
  own: TouchedGroup,
  { group, ms }: { readonly group: Group; readonly ms: EpochMs },
): TouchedSum | null {
  if (!contains(own.latest, ms)) {
    own.latest = intervalAt(group.grid, ms)
    const { startMs, endMs } = own.latest
    const isSummed = isWhole(group.grid, own.latest) && endMs > highWaterMs
    const isHere = isSummed && isGroupHeld(group, startMs)
    own.changed = isHere
      ? (own.starts.get(startMs) ?? { sum: null, isNew: false, sites: [] })
      : null
  }
  return own.changed
}

function contains({ startMs, endMs }: TimeRange, ms: EpochMs): boolean {
  return startMs <= ms && ms < endMs
}

/** The slots about which something was said, from the first changed one on. */
function eachWord(change: Change, take: (slot: number) => void): void {
  eachChangedRun(change, ({ run, first, next }) => {
    for (let slot = first; slot < next; slot++) if (hasWord(run, slot)) take(slot)
  })
}
