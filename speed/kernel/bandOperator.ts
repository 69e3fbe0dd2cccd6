import type { KernelMemory } from './kernelMemory.ts'
import type { SlotOperator } from './slotStream.ts'

export type OpenBandOperatorParameters = {
  readonly kernel: KernelMemory
  /** A multiple of four. */
  readonly lanes: number
  /** `[lane]` */
  readonly groupOf: Uint16Array
  readonly groups: number
  /** The widths of the lanes' bands, per mille of the baseline. */
  readonly bands: Int32Array
  /** Baselines by slot of the day and lane, `[slot][lane]`. */
  readonly baselines: Int32Array
  readonly slotsOfDay: number
  /** Slots that are summed, with the one that closes. */
  readonly rollingSlots: number
  readonly onSums: (slot: number, sums: Int32Array) => void
  readonly onExceptions: (slot: number, exceptions: Int32Array) => void
}

/** Numbers of a sum: load, baseline, deviation, readings; of an exception: lane, and two sums. */
export const sumNumbers = 4
export const exceptionNumbers = 3

/**
 * Whole powers against a band relative to their baseline, over the last slots, and sums of groups.
 *
 * Lanes without a reading count as none in both. All in 32-bit integers: sums over the last slots
 * times a thousand must stay below 2^31.
 */
export function openBandOperator(parameters: OpenBandOperatorParameters): SlotOperator {
  const { kernel, lanes, groupOf, groups, bands, slotsOfDay, rollingSlots } = parameters
  const { wasm, memory, allocate } = kernel
  const block = allocate(44)
  const baselines = allocate(4 * parameters.baselines.length)
  const [history, used] = [allocate(4 * lanes * rollingSlots), allocate(4 * lanes * rollingSlots)]
  const rolled = [allocate(4 * lanes), allocate(4 * lanes)] as const
  const [bandsAt, groupsAt] = [allocate(4 * lanes), allocate(2 * lanes)]
  const sums = allocate(4 * groups * sumNumbers)
  const exceptions = allocate(4 * lanes * exceptionNumbers)
  new Int32Array(memory.buffer, baselines, parameters.baselines.length).set(parameters.baselines)
  new Int32Array(memory.buffer, bandsAt, lanes).set(bands)
  new Uint16Array(memory.buffer, groupsAt, lanes).set(groupOf)
  return {
    name: 'band',
    replaySlots: rollingSlots - 1,
    close(slot, column) {
      const own = (4 * lanes * slot) % (4 * lanes * rollingSlots)
      new Uint32Array(memory.buffer, block, 11).set([
        ...[column, baselines + 4 * lanes * (slot % slotsOfDay), history + own, used + own],
        ...[rolled[0], rolled[1], bandsAt, groupsAt, lanes, sums, exceptions],
      ])
      const own32 = new Int32Array(memory.buffer, sums, groups * sumNumbers).fill(0)
      const found = wasm.closeBand(block)
      parameters.onSums(slot, own32)
      const listed = found * exceptionNumbers
      parameters.onExceptions(slot, new Int32Array(memory.buffer, exceptions, listed))
    },
  }
}
