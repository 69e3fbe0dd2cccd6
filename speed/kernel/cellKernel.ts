import { type DeviationFactors, slotsOfHour } from '../../schemas/deviation/computeDeviation.ts'
import type { DayColumns } from '../../schemas/deviation/dayState.ts'
import { type KernelMemory, openKernelMemory } from './kernelMemory.ts'

/** Where cells of a day lie that the kernel computes in place; it goes with the day. */
export type CellMemory = { latest: KernelMemory | null }

/** Cells of some runs of the same slots, slot by slot, and the kernel on them. */
export type KernelCells = { readonly columns: DayColumns; readonly kernel: CellKernel }

export type CellKernel = {
  /** Recomputes a slot of some lanes, from the slot before it: the same bits as `computeSlots`. */
  advance(factors: DeviationFactors, at: CellRange): void
}

/** `slot` of the day; `cell` of its first lane, and how many: multiples of four. */
export type CellRange = { readonly slot: number; readonly cell: number; readonly lanes: number }

export type OpenCellsParameters = {
  readonly slots: number
  /** Runs; a multiple of four. */
  readonly capacity: number
  readonly stepS: number
  /** See `computeDeviation`. */
  readonly mayBeNegative: boolean
}

/** Addresses in the block, in the order of `assembly/deviation.as`. */
const f64 = 8
const f32 = 4
const columnBytes: { readonly [name in keyof DayColumns]: number } = {
  ...{ energyMwh: f64, durationS: f32, baselineMwh: f64, sigmaW: f32 },
  ...{ loadW: f32, baseW: f32, weight: f32, meanW: f32, varianceW2: f32 },
  ...{ ratio: f32, deviationW: f32, z: f32, rollingWh: f32 },
}
const columnNames = Object.keys(columnBytes) as (keyof DayColumns)[]
const capacityAt = 4 * columnNames.length
const factorsAt = capacityAt + 8
const factorNames = [
  ...(['decay', 'ratioMin', 'ratioMax', 'shiftMax', 'alpha', 'remaining'] as const),
] satisfies readonly (keyof DeviationFactors)[]
const blockBytes = 104
const vectorBytes = 64

/** A memory has some blocks of 256 half-hourly days. Pages that nothing is written to take none. */
const memoryBytes = 4 << 20

/** Cells without a reading, in a memory of the kernel's. */
export function openCells(memory: CellMemory, parameters: OpenCellsParameters): KernelCells {
  const { slots, capacity, stepS, mayBeNegative } = parameters
  const cells = slots * capacity
  const { kernel, at, block } = allocateIn(memory, cells)
  const { buffer, wasm } = kernel
  const view = new DataView(buffer, block, blockBytes)
  for (const [index, name] of columnNames.entries()) view.setUint32(4 * index, at[name], true)
  view.setUint32(capacityAt, capacity, true)
  view.setUint32(capacityAt + 4, stepS, true)
  let latest: DeviationFactors | null = null
  const hour = slotsOfHour(stepS) - 1
  const advance = mayBeNegative ? wasm.advanceShift : wasm.advanceRatio
  return {
    columns: columnsAt(buffer, at, cells),
    kernel: {
      advance(factors, { slot, cell, lanes }) {
        if (factors !== latest) writeFactors(view, factors)
        latest = factors
        advance(block, cell, lanes, slot === 0 ? -1 : Math.min(slot, hour))
      },
    },
  }
}

type Addresses = { readonly [name in keyof DayColumns]: number }

/** In the latest memory, or in another one where it has no room. */
function allocateIn(memory: CellMemory, cells: number) {
  const padded = (bytes: number) => Math.ceil(bytes / vectorBytes) * vectorBytes
  const bytes = columnNames.map((name) => padded(cells * columnBytes[name]))
  const wanted = padded(blockBytes) + bytes.reduce((sum, each) => sum + each, 0)
  let kernel = memory.latest
  let block = kernel?.allocate(wanted) ?? null
  if (!kernel || block === null) {
    kernel = openKernelMemory(Math.max(memoryBytes, wanted + vectorBytes))
    memory.latest = kernel
    block = kernel.allocate(wanted)!
  }
  let next = block + padded(blockBytes)
  const addresses = columnNames.map((name, index) => {
    const own = next
    next += bytes[index]!
    return [name, own]
  })
  return { kernel, block, at: Object.fromEntries(addresses) as Addresses }
}

function columnsAt(buffer: ArrayBuffer, at: Addresses, cells: number): DayColumns {
  const ofF32 = (address: number) => new Float32Array(buffer, address, cells).fill(Number.NaN)
  const ofF64 = (address: number) => new Float64Array(buffer, address, cells).fill(Number.NaN)
  return {
    energyMwh: ofF64(at.energyMwh),
    durationS: new Uint32Array(buffer, at.durationS, cells),
    baselineMwh: ofF64(at.baselineMwh),
    sigmaW: ofF32(at.sigmaW),
    loadW: ofF32(at.loadW),
    baseW: ofF32(at.baseW),
    weight: ofF32(at.weight),
    meanW: ofF32(at.meanW),
    varianceW2: ofF32(at.varianceW2),
    ratio: ofF32(at.ratio),
    deviationW: ofF32(at.deviationW),
    z: ofF32(at.z),
    rollingWh: ofF32(at.rollingWh),
  }
}

function writeFactors(view: DataView, factors: DeviationFactors): void {
  for (const [index, name] of factorNames.entries()) {
    view.setFloat32(factorsAt + 4 * index, factors[name], true)
  }
  view.setFloat64(88, factors.wattsPerMwh, true)
  view.setFloat64(96, factors.whPerMw, true)
}
