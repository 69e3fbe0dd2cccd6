import type { DeviationFactors } from '../../schemas/deviation/computeDeviation.ts'
import type { KernelMemory } from './kernelMemory.ts'

/**
 * The columns of one slot of many meters in the kernel's memory: addresses, 16-byte aligned, each
 * with one value a meter (a lane). f32 but where it says f64.
 */
export type SlotAddresses = {
  /** f64; NaN: no reading. */
  readonly energyMwh: number
  /** Mean power of the baseline; NaN: none. */
  readonly baselineW: number
  readonly sigmaW: number
  /** State before the slot, and after it. */
  readonly loadW: number
  readonly baseW: number
  readonly weight: number
  readonly meanW: number
  readonly varianceW2: number
  /** f64, whole. */
  readonly rollingMw: number
  /** The deviations that leave the last hour with this slot; NaN or 0 where none does. */
  readonly leavingW: number
  /** What the slot has. */
  readonly ratio: number
  readonly deviationW: number
  readonly z: number
  readonly rollingWh: number
  /** u32: the lanes that are exceptions, as many as `advance` returns. */
  readonly exceptions: number
}

export type AdvanceParameters = {
  readonly at: SlotAddresses
  /** A multiple of four. */
  readonly lanes: number
  /** Whether the meters' kind allows negative values: see `computeDeviation`. */
  readonly mayBeNegative: boolean
}

export type SumParameters = {
  readonly at: SlotAddresses
  /** u32 `[segment]`: the lane after the last one of each. */
  readonly ends: number
  readonly segments: number
  /** f64 `[segment][sumNumbers]`: see `sumNames`. They are added to. */
  readonly sums: number
}

/** What a sum of a segment has, in this order. */
export const sumNames = ['members', 'energyMwh', 'deviationMw', 'bare', 'bareMwh'] as const

export type DeviationKernel = {
  /** Advances all lanes by a slot; returns how many exceptions are listed. */
  advance(parameters: AdvanceParameters): number
  /** Adds up the slot by segments of lanes. */
  sum(parameters: SumParameters): void
  /** Slots of another length from now on. */
  change(factors: DeviationFactors): void
}

export type KernelOptions = {
  readonly kernel: KernelMemory
  /** Length of a slot. */
  readonly factors: DeviationFactors
  /** Band of the last hour's deviation, Wh. */
  readonly bandWh: number
}

/** Addresses in the block, in the order of `assembly/deviation.as`. */
const blockNames = [
  ...(['energyMwh', 'baselineW', 'sigmaW', 'loadW', 'baseW', 'weight', 'meanW'] as const),
  ...(['varianceW2', 'rollingMw', 'leavingW', 'ratio', 'deviationW', 'z', 'rollingWh'] as const),
]
const factorNames = [
  ...(['decay', 'ratioMin', 'ratioMax', 'shiftMax', 'alpha', 'remaining'] as const),
] satisfies readonly (keyof DeviationFactors)[]
const blockBytes = 116

/** The deviation of slots of one length, in a kernel's memory. */
export function openDeviationKernel(options: KernelOptions): DeviationKernel {
  const { wasm, memory, allocate } = options.kernel
  const block = allocate(blockBytes)
  const write = (factors: DeviationFactors) => {
    writeOptions(new DataView(memory.buffer, block, blockBytes), { ...options, factors })
  }
  write(options.factors)
  const point = (at: SlotAddresses) => {
    const view = new DataView(memory.buffer, block, blockBytes)
    for (const [index, name] of blockNames.entries()) view.setUint32(4 * index, at[name], true)
    view.setUint32(100, at.exceptions, true)
  }
  return {
    advance({ at, lanes, mayBeNegative }) {
      point(at)
      return mayBeNegative ? wasm.advanceShift(block, lanes) : wasm.advanceRatio(block, lanes)
    },
    sum({ at, ends, segments, sums }) {
      point(at)
      const view = new DataView(memory.buffer, block, blockBytes)
      for (const [index, each] of [ends, segments, sums].entries()) {
        view.setUint32(104 + 4 * index, each, true)
      }
      wasm.sumSegments(block)
    },
    change: write,
  }
}

function writeOptions(view: DataView, { factors, bandWh }: KernelOptions): void {
  for (const [index, name] of factorNames.entries()) {
    view.setFloat32(4 * (blockNames.length + index), factors[name], true)
  }
  view.setFloat64(80, factors.wattsPerMwh, true)
  view.setFloat64(88, factors.whPerMw, true)
  view.setFloat32(96, largestF32(bandWh), true)
}

/** The largest f32 that is not above a number: what is above the one is above the other. */
function largestF32(value: number): number {
  const nearest = Math.fround(value)
  if (nearest <= value) return nearest
  const bits = new Uint32Array(Float32Array.of(nearest).buffer)
  bits[0] = nearest > 0 ? bits[0]! - 1 : bits[0]! + 1
  return new Float32Array(bits.buffer)[0]!
}
