/** Blocks double up to so many runs or meters, so that at most half of a day's cells are unused. */
export const blockRunsMax = 256

/** The block that still has room for some of its kind, how many it has and how many are taken. */
export type Room<Block> = { block: Block | null; size: number; taken: number; total: number }

export function emptyRoom<Block>(): Room<Block> {
  return { block: null, size: 0, taken: 0, total: 0 }
}

/** A block in which one more is taken. */
export function roomIn<Block>(room: Room<Block>, create: (size: number) => Block): Block {
  if (!room.block || room.taken === room.size) {
    room.size = Math.min(blockRunsMax, Math.max(1, room.total))
    room.block = create(room.size)
    room.taken = 0
  }
  room.taken += 1
  room.total += 1
  return room.block
}
