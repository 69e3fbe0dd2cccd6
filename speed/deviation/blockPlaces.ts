import type { GroupPlace, SummedRoster } from './group.ts'
import type { RunBlock } from './speedDay.ts'

/**
 * One place of each lane whose meter is, alone and at all times, a site of a group: its cell is the
 * whole of what the group's sum has of that site. `[lane]`
 */
export type PlaceLayer = {
  /** `Group.index`; -1: the lane has no such place. */
  readonly groups: Int32Array
  readonly places: GroupPlace[]
  /** Place of the site in the group. */
  readonly sites: Uint32Array
  readonly signs: Int8Array
  readonly partitions: Uint32Array
}

/** Where the lanes of a block are summed. */
export type BlockPlaces = {
  /** Those of its first lane's meter when this was made: it has others once the groups change. */
  readonly places: readonly GroupPlace[]
  /** Lanes that are in it so far. */
  taken: number
  /** As many as the most places of a lane. */
  readonly layers: PlaceLayer[]
  /** All other places, which are summed site by site. */
  readonly others: { readonly lane: number; readonly place: GroupPlace }[]
}

const known = new WeakMap<RunBlock, BlockPlaces>()

/** The places of a block with a lane at least; of lanes that came since, they are added. */
export function placesOfBlock(block: RunBlock, roster: SummedRoster): BlockPlaces {
  const { lanes } = block
  const { places } = roster.members[lanes.meter[0]!]!
  let own = known.get(block)
  if (own?.places !== places) {
    own = { places, taken: 0, layers: [], others: [] }
    known.set(block, own)
  }
  for (; own.taken < lanes.days.length; own.taken++) {
    addLane(own, block.capacity, roster.members[lanes.meter[own.taken]!]!.places)
  }
  return own
}

function addLane(
  { taken: lane, layers, others }: BlockPlaces,
  capacity: number,
  places: readonly GroupPlace[],
): void {
  let count = 0
  for (const place of places) {
    const { group, site } = place
    const { only } = group.sites[site]!
    if (!only) {
      others.push({ lane, place })
      continue
    }
    layers[count] ??= createLayer(capacity)
    const layer = layers[count]!
    layer.groups[lane] = group.index
    layer.places[lane] = place
    layer.sites[lane] = site
    layer.signs[lane] = only.sign
    layer.partitions[lane] = only.partition
    count += 1
  }
}

function createLayer(lanes: number): PlaceLayer {
  return {
    groups: new Int32Array(lanes).fill(-1),
    places: [],
    sites: new Uint32Array(lanes),
    signs: new Int8Array(lanes),
    partitions: new Uint32Array(lanes),
  }
}
