import type { KernelMemory } from './kernelMemory.ts'

/**
 * What computes on slots of all lanes. It reads the column of a slot as the stream gives it, and
 * keeps what it needs of earlier ones itself.
 */
export type SlotOperator = {
  readonly name: string
  /** Slots before the first one that is wanted with which a replay must begin. */
  readonly replaySlots: number
  /** All readings of the slot are in its column. */
  close(slot: number, column: number): void
}

export type OpenSlotStreamParameters = {
  readonly kernel: KernelMemory
  /** The values are whole numbers or doubles; `absentI32` and NaN stand for none. */
  readonly kind: 'i32' | 'f64'
  /** Meters of the roster; a multiple of four, so that operators take vectors. */
  readonly lanes: number
  /** Readings of earlier ones are late. */
  readonly firstSlot: number
  /** A slot closes when one so much later has a reading. */
  readonly latenessSlots: number
  readonly operators: readonly SlotOperator[]
}

/** Where rows are in the memory: an address of the first, and bytes to the next; 0: one for all. */
export type RowPlaces = Readonly<
  Record<'lanes' | 'slots' | 'values', { readonly at: number; readonly stride: number }>
>

export type SlotStream = {
  /** Takes rows in their order; slots that they end are closed, in order. */
  take(places: RowPlaces, rows: number): void
  /** Closes all slots up to the newest. */
  end(): void
  /** Readings that came too late, that repeat their lane's, and of no lane. */
  counts(): { readonly late: number; readonly repeated: number; readonly unknown: number }
}

/** The absent value of whole numbers. */
export const absentI32 = -(2 ** 31)

/** Indexes of the block, in the order of `assembly/slots.as`. */
const names = [
  ...(['lanesAt', 'laneStride', 'slots', 'slotStride', 'values', 'valueStride', 'ring'] as const),
  ...(['ringMask', 'lanes', 'open', 'newest', 'lateness', 'late', 'repeated', 'unknown'] as const),
]
const indexOf = Object.fromEntries(names.map((name, index) => [name, index])) as Readonly<
  Record<(typeof names)[number], number>
>

/**
 * Readings of any order into slots, and slots to operators once they are complete by event time.
 *
 * The first reading of a lane and slot counts; one of a closed slot is late.
 */
export function openSlotStream(parameters: OpenSlotStreamParameters): SlotStream {
  const { kernel, kind, lanes, firstSlot, latenessSlots, operators } = parameters
  const { wasm, memory, allocate } = kernel
  const ringSlots = 2 ** Math.ceil(Math.log2(latenessSlots + 1))
  const valueBytes = kind === 'i32' ? 4 : 8
  const columnBytes = lanes * valueBytes
  const block = allocate(4 * names.length)
  const ring = allocate(ringSlots * columnBytes)
  const clear = (from: number, count: number) => {
    if (kind === 'i32') new Int32Array(memory.buffer, from, count).fill(absentI32)
    else new Float64Array(memory.buffer, from, count).fill(Number.NaN)
  }
  clear(ring, ringSlots * lanes)
  const numbers = () => new Int32Array(memory.buffer, block, names.length)
  const start = [ringSlots - 1, lanes, firstSlot, firstSlot - 1, latenessSlots]
  numbers().set([0, 0, 0, 0, 0, 0, ring, ...start])
  const scatter = kind === 'i32' ? wasm.scatterI32 : wasm.scatterF64

  function closeBefore(slot: number): void {
    for (let next = numbers()[indexOf.open]!; next < slot; next++) {
      const column = ring + (next & (ringSlots - 1)) * columnBytes
      for (const operator of operators) operator.close(next, column)
      clear(column, lanes)
      numbers()[indexOf.open] = next + 1
    }
  }

  return {
    take({ lanes: laneAt, slots, values }, rows) {
      const block32 = numbers()
      block32[indexOf.lanesAt] = laneAt.at
      block32[indexOf.laneStride] = laneAt.stride
      block32[indexOf.slots] = slots.at
      block32[indexOf.slotStride] = slots.stride
      block32[indexOf.values] = values.at
      block32[indexOf.valueStride] = values.stride
      for (let row = 0; ; ) {
        row = scatter(block, row, rows)
        if (row === rows) return
        const slot = new Int32Array(memory.buffer, slots.at + row * slots.stride, 1)[0]!
        closeBefore(slot - latenessSlots + 1)
      }
    },
    end() {
      closeBefore(numbers()[indexOf.newest]! + 1)
    },
    counts() {
      const block32 = numbers()
      const [late, repeated, unknown] = block32.subarray(indexOf.late)
      return { late: late!, repeated: repeated!, unknown: unknown! }
    },
  }
}
