import type { EpochMs } from '../../../schemas/time.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { Stamp } from './stamp.ts'
import type { WallMs, Zone } from './zone.ts'

export type Placed = EpochMs | Refusal

export type RepeatedHour = 'order' | 'first' | 'refuse'

export type PlaceOptions = { readonly zone: Zone; readonly repeatedHour: RepeatedHour }

/**
 * Instants of the stamps of one series, in the order of its rows.
 *
 * Where the clocks repeat an hour, the order of the rows says which is which: rows that go back to
 * an earlier time begin the second hour. Where the order does not say it, each stamp of the hour is
 * refused; `null` stands for a stamp that could not be read.
 */
export function placeStamps(
  stamps: readonly (Stamp | null)[],
  { zone, repeatedHour }: PlaceOptions,
): (Placed | null)[] {
  const placed = stamps.map((stamp) => (stamp === null ? null : placeAlone(stamp, zone)))
  const isTwofold = (at: number) => placed[at] === 'twofold'
  const direction = directionOf(stamps)
  for (let from = 0; from < stamps.length; from++) {
    if (!isTwofold(from)) continue
    let to = from
    while (to < stamps.length && (isTwofold(to) || placed[to] === null)) to++
    const walls = stamps.slice(from, to).map((stamp) => stamp?.wallMs ?? null)
    const hour = { walls, ...neighbours(placed, from, to), direction, zone, repeatedHour }
    placeHour(hour).forEach((each, index) => {
      if (isTwofold(from + index)) placed[from + index] = each
    })
    from = to
  }
  return placed as (Placed | null)[]
}

function placeAlone({ wallMs, offsetMs }: Stamp, zone: Zone): Placed | 'twofold' {
  if (offsetMs !== null) return wallMs - offsetMs
  const [first, second] = zone.instantsOf(wallMs)
  if (first === undefined) return refuse('hour-skipped', { wallMs, zone: zone.name })
  return second === undefined ? first : 'twofold'
}

/** 1 where the rows go forward, -1 where they go back, 0 where they have no order. */
function directionOf(stamps: readonly (Stamp | null)[]): -1 | 0 | 1 {
  let forward = 0
  let back = 0
  let before: WallMs | null = null
  for (const stamp of stamps) {
    if (stamp === null) continue
    if (before !== null && stamp.wallMs !== before) {
      if (stamp.wallMs > before) forward += 1
      else back += 1
    }
    before = stamp.wallMs
  }
  if (forward + back === 0) return 1
  if (forward >= back * orderedMin) return 1
  return back >= forward * orderedMin ? -1 : 0
}

/** Restated rows and repeated hours go back; rows in disorder do so as often as forward. */
const orderedMin = 2

type Hour = {
  readonly walls: readonly (WallMs | null)[]
  /** The instants of the rows before and after, if they are certain. */
  readonly before: EpochMs | null
  readonly after: EpochMs | null
  readonly direction: -1 | 0 | 1
  readonly zone: Zone
  readonly repeatedHour: RepeatedHour
}

function neighbours(placed: readonly (Placed | 'twofold' | null)[], from: number, to: number) {
  const certain = (each: Placed | 'twofold' | null | undefined) => {
    return typeof each === 'number' ? each : null
  }
  return {
    before: certain(placed.slice(0, from).findLast((each) => typeof each === 'number')),
    after: certain(placed.slice(to).find((each) => typeof each === 'number')),
  }
}

function placeHour(hour: Hour): Placed[] {
  const { walls, zone, repeatedHour, direction } = hour
  const candidates = walls.map((wall) => (wall === null ? [] : zone.instantsOf(wall)))
  const choose = (picks: readonly (0 | 1)[]) => candidates.map((each, at) => each[picks[at] ?? 0]!)
  if (repeatedHour === 'first') return choose(walls.map(() => 0))
  const picks = repeatedHour === 'order' && direction !== 0 ? picksByOrder(hour, candidates) : null
  return picks ? choose(picks) : walls.map((wall) => refuseTwofold(wall ?? 0, hour))
}

/** 0 the earlier, 1 the later instant of each row; null where the order does not say. */
function picksByOrder(hour: Hour, candidates: readonly (readonly EpochMs[])[]): (0 | 1)[] | null {
  const { walls, direction } = hour
  const [first, second] = direction === 1 ? ([0, 1] as const) : ([1, 0] as const)
  if (!isInOrder(hour, candidates)) return null
  const times = new Map<WallMs, number>()
  const nth = walls.map((wall) => {
    const count = wall === null ? 0 : (times.get(wall) ?? 0)
    if (wall !== null) times.set(wall, count + 1)
    return count
  })
  if ([...times.values()].some((count) => count > 2)) return null
  // Each time is there twice: also where 01:00 01:00 01:30 01:30 are side by side.
  if ([...times.values()].every((count) => count === 2)) {
    return nth.map((count) => (count === 0 ? first : second))
  }
  const turns = walls.flatMap((wall, at) => {
    const previous = walls[at - 1]
    if (at === 0 || wall === null || previous == null) return []
    return (wall - previous) * direction <= 0 ? [at] : []
  })
  const [turn, another] = turns
  if (another !== undefined) return null
  if (turn !== undefined) {
    // The same time again at once may be a repeated row as well.
    if (walls[turn] === walls[turn - 1]) return null
    return walls.map((_, at) => (at < turn ? first : second))
  }
  return picksByNeighbours(hour, candidates)
}

/** One hour instead of two: which it is, only its one neighbour can say. */
function picksByNeighbours(
  { walls, before, after, direction }: Hour,
  candidates: readonly (readonly EpochMs[])[],
): (0 | 1)[] | null {
  const [first, second] = direction === 1 ? ([0, 1] as const) : ([1, 0] as const)
  if (before === null && after === null) return null
  const startMs = candidates[0]?.[first] ?? 0
  const endMs = candidates.at(-1)?.[second] ?? 0
  const isAfterBefore = before !== null && Math.abs(startMs - before) <= hourMs
  const isBeforeAfter = after !== null && Math.abs(after - endMs) <= hourMs
  if (isAfterBefore && after === null) return walls.map(() => first)
  if (isBeforeAfter && before === null) return walls.map(() => second)
  return null
}

const hourMs = 3_600_000

function isInOrder(hour: Hour, candidates: readonly (readonly EpochMs[])[]): boolean {
  const { before, after, direction } = hour
  const all = candidates.flat()
  const low = Math.min(...all)
  const high = Math.max(...all)
  const [earlier, later] = direction === 1 ? [before, after] : [after, before]
  return (earlier === null || earlier < low) && (later === null || later > high)
}

function refuseTwofold(wallMs: WallMs, { zone, repeatedHour }: Hour): Refusal {
  const isOrderTried = repeatedHour !== 'refuse'
  return refuse('hour-repeated', { wallMs, zone: zone.name, isOrderTried })
}
