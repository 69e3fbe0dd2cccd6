import type { MeterId } from '../../schemas/ids.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { noRanks, type Ranks } from './ranksOf.ts'

/**
 * What the archive knows of each meter, by a dense index of its own: the latest start of an
 * interval with a word. What starts later is a new word by construction, so the store is not asked
 * for it.
 *
 * All of it is computed from the master data set after a start, and a start that is later than the
 * true one only costs a question.
 */
export type Fleet = {
  readonly indexes: Map<MeterId, number>
  /** `[meter]` */
  readonly names: MeterId[]
  ranks: Ranks
  /** Indexes of rosters that were looked up: equal rosters are one object. */
  readonly rosters: WeakMap<readonly MeterId[], Uint32Array>
  /** A meter that is not listed has no word that starts at or after this. */
  listedFromMs: EpochMs
  /** `[meter]`, NaN: not listed. */
  lastStartMs: Float64Array
  /** The latest start before the chunk that is being planned; valid for `seenIn`. `[meter]` */
  storedMs: Float64Array
  seenIn: Uint32Array
  /** The last chunk in which a row of the meter is not newer than what is before it. `[meter]` */
  overlapsIn: Uint32Array
  chunk: number
}

export function emptyFleet(): Fleet {
  return {
    ...{ indexes: new Map(), names: [], ranks: noRanks, rosters: new WeakMap() },
    listedFromMs: Number.NEGATIVE_INFINITY,
    ...{ lastStartMs: new Float64Array(), storedMs: new Float64Array() },
    ...{ seenIn: new Uint32Array(), overlapsIn: new Uint32Array(), chunk: 0 },
  }
}

export function indexOf(fleet: Fleet, meter: MeterId): number {
  const known = fleet.indexes.get(meter)
  if (known !== undefined) return known
  const index = fleet.names.push(meter) - 1
  fleet.indexes.set(meter, index)
  if (index >= fleet.lastStartMs.length) grow(fleet)
  return index
}

/** The indexes of a roster's meters. */
export function indexesOf(fleet: Fleet, roster: readonly MeterId[]): Uint32Array {
  const known = fleet.rosters.get(roster)
  if (known) return known
  const indexes = Uint32Array.from(roster, (meter) => indexOf(fleet, meter))
  fleet.rosters.set(roster, indexes)
  return indexes
}

/** No word of the meter starts later than this; -Infinity if it has none. */
export function lastStartOf({ lastStartMs, listedFromMs }: Fleet, index: number): EpochMs {
  const known = lastStartMs[index]!
  return Number.isNaN(known) ? listedFromMs - 1 : known
}

function grow(fleet: Fleet): void {
  const length = Math.max(1_024, 2 * fleet.lastStartMs.length)
  const starts = new Float64Array(length).fill(Number.NaN)
  starts.set(fleet.lastStartMs)
  const stored = new Float64Array(length)
  stored.set(fleet.storedMs)
  const seen = new Uint32Array(length)
  seen.set(fleet.seenIn)
  const overlaps = new Uint32Array(length)
  overlaps.set(fleet.overlapsIn)
  Object.assign(fleet, {
    ...{ lastStartMs: starts, storedMs: stored },
    ...{ seenIn: seen, overlapsIn: overlaps },
  })
}
