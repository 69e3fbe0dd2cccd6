import { intervalAt, isWhole, slotStartMs } from '../../schemas/meter/grid.ts'
import type { EpochMs, TimeRange } from '../../schemas/time.ts'
import { cellState } from '../deviation/arrival.ts'
import { type Group, type GroupPlace, isGroupHeld, isOfStep } from '../deviation/group.ts'
import { type Strip, stripsOf } from '../deviation/groupStrips.ts'
import type { ChangedSum } from '../deviation/recentSums.ts'
import { hasWord, unchanged } from '../deviation/speedDay.ts'
import type { Change, ChangedBlock } from './changes.ts'
import { eachChangedRun } from './eachChangedRun.ts'
import type { SpeedState } from './speedState.ts'

/** By group, what changed, by the start of the interval. */
export type Touched = Map<Group, TouchedGroup>

/**
 * `latest`: the interval looked up last, which is that of most readings of a micro-batch, and what
 * changed of it: null where it is not summed here.
 */
type TouchedGroup = {
  readonly starts: Map<EpochMs, ChangedSum>
  latest: TimeRange
  changed: ChangedSum | null
}

type Marked = Pick<SpeedState, 'highWaterMs'>

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

/** The same of the changed lanes of a block. */
export function touchLanes(state: Marked, touched: Touched, changed: ChangedBlock): void {
  const { strips, others } = stripsOf(changed.block, changed.roster)
  for (const [group, strip] of strips) {
    touchStrip(state, touchedOf(touched, group), { group, strip, changed })
  }
  const { block, fromSlots } = changed
  for (const { lane, place } of others) {
    const own = touchedOf(touched, place.group)
    let seenToMs = Number.NEGATIVE_INFINITY
    for (let slot = fromSlots[lane]!; slot <= block.lanes.lastSlot[lane]!; slot++) {
      if (!hasWordIn(changed, slot, lane)) continue
      const ms = slotStartMs(block, slot)
      if (ms >= seenToMs) seenToMs = touchAt(state, own, { place, ms })
    }
  }
}

type ChangedStrip = {
  readonly group: Group
  readonly strip: Strip
  readonly changed: ChangedBlock
}

function touchStrip(state: Marked, own: TouchedGroup, at: ChangedStrip): void {
  const { group, strip, changed } = at
  const { block, roster, fromSlots } = changed
  const positions = changedOf(strip, fromSlots)
  let first = unchanged
  let last = -1
  for (const position of positions) {
    const lane = strip.lanes[position]!
    first = Math.min(first, fromSlots[lane]!)
    last = Math.max(last, block.lanes.lastSlot[lane]!)
  }
  for (let slot = first; slot <= last; slot++) {
    const said = saidIn(at, { slot, positions })
    if (said.length === 0) continue
    const startMs = slotStartMs(block, slot)
    const sum = summedAt(state, own, { group, ms: startMs })
    if (!sum) continue
    own.starts.set(own.latest.startMs, sum)
    if (own.latest.startMs === startMs && isOfStep(group, roster, startMs)) {
      sum.lanes.push({ block, strip, slot, positions: said })
    } else for (const position of said) sum.sites.push(strip.sites[position]!)
  }
}

function changedOf({ lanes }: Strip, fromSlots: Int32Array): number[] {
  const positions: number[] = []
  for (let position = 0; position < lanes.length; position++) {
    if (fromSlots[lanes[position]!] !== unchanged) positions.push(position)
  }
  return positions
}

/** Those that changed in a slot about which something was said; mostly all. */
function saidIn(
  { strip, changed }: ChangedStrip,
  { slot, positions }: { readonly slot: number; readonly positions: readonly number[] },
): readonly number[] {
  const isSaid = (position: number) => {
    const lane = strip.lanes[position]!
    const isChanged = slot >= changed.fromSlots[lane]!
    return (
      isChanged && slot <= changed.block.lanes.lastSlot[lane]! && hasWordIn(changed, slot, lane)
    )
  }
  return positions.every(isSaid) ? positions : positions.filter(isSaid)
}

function hasWordIn({ block }: ChangedBlock, slot: number, lane: number): boolean {
  const cell = (slot - block.first) * block.capacity + lane
  return block.arrival.state[cell] !== cellState.none
}

function touchedOf(touched: Touched, group: Group): TouchedGroup {
  const known = touched.get(group)
  if (known) return known
  const own: TouchedGroup = { starts: new Map(), latest: noInterval, changed: null }
  touched.set(group, own)
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
): ChangedSum | null {
  if (!contains(own.latest, ms)) {
    own.latest = intervalAt(group.grid, ms)
    const { startMs, endMs } = own.latest
    const isSummed = isWhole(group.grid, own.latest) && endMs > highWaterMs
    const isHere = isSummed && isGroupHeld(group, startMs)
    own.changed = isHere ? (own.starts.get(startMs) ?? { sites: [], lanes: [] }) : null
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
