import type { MeterId } from '../../schemas/ids.ts'

/** The order of the meters' names, which is that of the store. */
export type Ranks = {
  /** `[meter]` */
  readonly ofMeter: Uint32Array
  /** `[rank]` */
  readonly meters: Uint32Array
  /** How many were in order; those that joined since have the last ranks. */
  readonly sorted: number
}

export const noRanks: Ranks = { ofMeter: new Uint32Array(), meters: new Uint32Array(), sorted: 0 }

/** The share of the fleet that may be out of order; the store sorts the rows of those itself. */
const unsortedMost = 1 / 8

/** The ranks of all meters of a fleet; they are sorted again when many have joined. */
export function ranksOf(fleet: { readonly names: readonly MeterId[]; ranks: Ranks }): Ranks {
  const { names, ranks } = fleet
  const known = ranks.meters.length
  if (known === names.length) return ranks
  const isMuch = names.length - ranks.sorted > names.length * unsortedMost
  fleet.ranks = isMuch ? sortedRanks(names) : withLast(ranks, names.length)
  return fleet.ranks
}

function sortedRanks(names: readonly MeterId[]): Ranks {
  const indexes = new Map(names.map((name, index) => [name, index]))
  // Without a comparison function: by code units, which in ASCII is the order of bytes.
  const meters = Uint32Array.from([...names].sort(), (name) => indexes.get(name)!)
  const ofMeter = new Uint32Array(names.length)
  for (let rank = 0; rank < meters.length; rank++) ofMeter[meters[rank]!] = rank
  return { ofMeter, meters, sorted: names.length }
}

function withLast({ ofMeter, meters, sorted }: Ranks, length: number): Ranks {
  const longer = (values: Uint32Array) => {
    const all = Uint32Array.from({ length }, (_, index) => index)
    all.set(values)
    return all
  }
  return { ofMeter: longer(ofMeter), meters: longer(meters), sorted }
}
