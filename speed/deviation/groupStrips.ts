import type { Group, GroupPlace, SummedRoster } from './group.ts'
import type { RunBlock } from './speedDay.ts'

/**
 * The lanes of a block whose meter is, alone and at all times, a site of a group: their cells are
 * the whole of what the group's sum has of these sites. `[position]`
 */
export type Strip = {
  readonly lanes: number[]
  /** Places in the group. */
  readonly sites: number[]
  readonly signs: number[]
  readonly partitions: number[]
}

/** Where the lanes of a block are summed. */
export type BlockStrips = {
  /** Those of its first lane's meter when this was made: it has others once the groups change. */
  readonly places: readonly GroupPlace[]
  /** Lanes that are in it so far. */
  taken: number
  readonly strips: Map<Group, Strip>
  /** All other places, which are summed site by site. */
  readonly others: { readonly lane: number; readonly place: GroupPlace }[]
}

const known = new WeakMap<RunBlock, BlockStrips>()

/** The strips of a block with a lane at least; what it took since they were made is added. */
export function stripsOf(block: RunBlock, roster: SummedRoster): BlockStrips {
  const { lanes } = block
  const { places } = roster.members[lanes.meter[0]!]!
  let own = known.get(block)
  if (own?.places !== places) {
    own = { places, taken: 0, strips: new Map(), others: [] }
    known.set(block, own)
  }
  for (; own.taken < lanes.days.length; own.taken++) {
    for (const place of roster.members[lanes.meter[own.taken]!]!.places) addLane(own, place)
  }
  return own
}

function addLane({ strips, others, taken }: BlockStrips, place: GroupPlace): void {
  const { group, site } = place
  const { only } = group.sites[site]!
  if (!only) {
    others.push({ lane: taken, place })
    return
  }
  const strip = strips.get(group) ?? { lanes: [], sites: [], signs: [], partitions: [] }
  strips.set(group, strip)
  strip.lanes.push(taken)
  strip.sites.push(site)
  strip.signs.push(only.sign)
  strip.partitions.push(only.partition)
}
