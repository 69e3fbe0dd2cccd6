import type { RunBlock } from '../deviation/speedDay.ts'
import type { SpeedState } from '../microbatch/speedState.ts'

/**
 * Cells that only the kernel can have computed: after the last reading of their lane, which it took
 * along. The formula ends with the last reading.
 */
export function cellsOfKernel(state: SpeedState): number {
  let found = 0
  for (const block of blocksOf(state)) {
    const { first, next, capacity, columns, lanes, day } = block
    // `computeMeterDay` carries the state of such a day from run to run.
    if (day.runSlots < day.slots) continue
    for (let lane = 0; lane < lanes.days.length; lane++) {
      for (let slot = lanes.lastSlot[lane]! + 1; slot < next; slot++) {
        if (!Number.isNaN(columns.loadW[(slot - first) * capacity + lane]!)) found += 1
      }
    }
  }
  return found
}

export function blocksOf({ rosters }: SpeedState): RunBlock[] {
  const days = [...rosters.values()].flatMap((roster) => [...roster.days.values()])
  return days.flatMap(({ blocks }) => blocks.flat())
}
