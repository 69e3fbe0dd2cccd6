import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openBandOperator } from './bandOperator.ts'
import { openKernelMemory } from './kernelMemory.ts'
import { absentI32, openSlotStream, type RowPlaces } from './slotStream.ts'

const meters = 8
const firstSlot = 1_000

type Row = { readonly meter: number; readonly slot: number; readonly value: number }

const rows = fc.array(
  fc.record({
    // Now and then one of no lane.
    meter: fc.nat(meters),
    slot: fc.integer({ min: firstSlot - 2, max: firstSlot + 12 }),
    value: fc.integer({ min: -5_000, max: 5_000 }),
  }),
  { maxLength: 80 },
)

/** Closed slots with their values by lane, and what was not taken. */
type Seen = {
  readonly closed: (readonly [number, (number | null)[]])[]
  readonly late: number
  readonly repeated: number
  readonly unknown: number
}

/** The same in objects. */
function plain(list: readonly Row[], lateness: number): Seen {
  const seen = { closed: [] as Seen['closed'], late: 0, repeated: 0, unknown: 0 }
  const open = new Map<number, (number | null)[]>()
  let first = firstSlot
  let newest = firstSlot - 1
  const closeBefore = (slot: number) => {
    for (; first < slot; first++) {
      seen.closed.push([first, open.get(first) ?? new Array(meters).fill(null)])
      open.delete(first)
    }
  }
  for (const { meter, slot, value } of list) {
    if (slot > newest) {
      closeBefore(slot - lateness + 1)
      newest = slot
    }
    if (slot < first) {
      seen.late += 1
      continue
    }
    const column = open.get(slot) ?? new Array<number | null>(meters).fill(null)
    open.set(slot, column)
    if (meter >= meters) seen.unknown += 1
    else if (column[meter] === null) column[meter] = value
    else seen.repeated += 1
  }
  closeBefore(newest + 1)
  return seen
}

function streamed(
  batches: readonly (readonly Row[])[],
  { lateness, kind }: { lateness: number; kind: 'i32' | 'f64' },
): Seen {
  const kernel = openKernelMemory()
  const closed: Seen['closed'] = []
  const isAbsent = (value: number) => (kind === 'i32' ? value === absentI32 : Number.isNaN(value))
  const close = (slot: number, column: number) => {
    const { buffer } = kernel.memory
    const own =
      kind === 'i32'
        ? new Int32Array(buffer, column, meters)
        : new Float64Array(buffer, column, meters)
    closed.push([slot, Array.from(own, (value) => (isAbsent(value) ? null : value))])
  }
  const stream = openSlotStream({
    ...{ kernel, kind, lanes: meters, firstSlot },
    latenessSlots: lateness,
    operators: [{ name: 'seen', replaySlots: 0, close }],
  })
  for (const batch of batches) stream.take(placed(kernel, batch, kind), batch.length)
  stream.end()
  return { closed, ...stream.counts() }
}

function placed(
  kernel: ReturnType<typeof openKernelMemory>,
  batch: readonly Row[],
  kind: 'i32' | 'f64',
): RowPlaces {
  const [at, slots] = [kernel.allocate(4 * batch.length), kernel.allocate(4 * batch.length)]
  const values = kernel.allocate(8 * batch.length)
  const { buffer } = kernel.memory
  new Uint32Array(buffer, at, batch.length).set(batch.map(({ meter }) => meter))
  new Int32Array(buffer, slots, batch.length).set(batch.map(({ slot }) => slot))
  const own =
    kind === 'i32'
      ? new Int32Array(buffer, values, batch.length)
      : new Float64Array(buffer, values, batch.length)
  own.set(batch.map(({ value }) => value))
  const stride = kind === 'i32' ? 4 : 8
  return {
    lanes: { at, stride: 4 },
    slots: { at: slots, stride: 4 },
    values: { at: values, stride },
  }
}

test('slots close in order with the first reading of each lane, however the rows are cut', () => {
  const cuts = fc.array(fc.nat(80), { maxLength: 5 })
  const kind = fc.constantFrom('i32' as const, 'f64' as const)
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 5 }), cuts, kind, (list, ...others) => {
      const [lateness, at, own] = others
      const edges = [0, ...at.map((each) => Math.min(each, list.length)), list.length]
      edges.sort((left, right) => left - right)
      const batches = edges.slice(1).map((to, index) => list.slice(edges[index]!, to))
      expect(streamed(batches, { lateness, kind: own })).toEqual(plain(list, lateness))
    }),
    { numRuns: 200 },
  )
})

test('the band is over the last slots, and groups are summed', () => {
  const kernel = openKernelMemory()
  const sums: number[][] = []
  const exceptions: number[][] = []
  const operator = openBandOperator({
    ...{ kernel, lanes: 8, groups: 2, slotsOfDay: 2, rollingSlots: 2 },
    groupOf: Uint16Array.of(0, 0, 0, 0, 1, 1, 1, 1),
    bands: new Int32Array(8).fill(100),
    // 1,000 in even slots, 2,000 in odd ones.
    baselines: Int32Array.from({ length: 16 }, (_, at) => (at < 8 ? 1_000 : 2_000)),
    onSums: (slot, found) => sums.push([slot, ...found]),
    onExceptions: (slot, found) => exceptions.push([slot, ...found]),
  })
  expect(operator.replaySlots).toBe(1)
  const close = (slot: number, values: readonly (number | null)[]) => {
    const column = kernel.allocate(32)
    const own = values.map((value) => value ?? absentI32)
    new Int32Array(kernel.memory.buffer, column, 8).set(own)
    operator.close(slot, column)
  }
  close(0, [1_050, 1_150, null, null, 900, null, null, null])
  close(1, [2_000, 2_000, 2_300, null, null, null, null, null])
  close(2, [null, 1_000, 1_000, null, 700, null, null, null])
  expect(sums).toEqual([
    [0, 2_200, 2_000, 200, 2, 900, 1_000, -100, 1],
    [1, 6_300, 6_000, 300, 3, 0, 0, 0, 0],
    [2, 2_000, 2_000, 0, 2, 700, 1_000, -300, 1],
  ])
  expect(exceptions).toEqual([
    // 150 of 1,000 is outside of 10 %, and so is no more with 2,000 beside it.
    [0, 1, 150, 1_000],
    // 300 of 2,000.
    [1, 2, 300, 2_000],
    // Nothing of slot 0 is left: 300 of 3,000 is within, -300 of 1,000 is not.
    [2, 4, -300, 1_000],
  ])
})
