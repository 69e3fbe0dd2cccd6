import { type DeviationFactors, factorsOf } from '../../schemas/deviation/computeDeviation.ts'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { openDeviationKernel } from './deviationKernel.ts'
import { openKernelMemory } from './kernelMemory.ts'

/** The columns of one slot of some meters, as the kernel takes them: see `SlotAddresses`. */
export type SlotVectors = {
  readonly energyMwh: Float64Array
  readonly baselineW: Float32Array
  readonly sigmaW: Float32Array
  /** State before the slot, and after it. */
  readonly loadW: Float32Array
  readonly baseW: Float32Array
  readonly weight: Float32Array
  readonly meanW: Float32Array
  readonly varianceW2: Float32Array
  /** The last hour's deviations, mW: without the slot's before it, and with it after. */
  readonly rollingMw: Float64Array
  /** What the slot has. */
  readonly ratio: Float32Array
  readonly deviationW: Float32Array
  readonly z: Float32Array
  readonly rollingWh: Float32Array
  /** Advances the first lanes by the slot. */
  advance(factors: DeviationFactors, of: { lanes: number; mayBeNegative: boolean }): void
}

/**
 * Room for a slot of so many meters in a kernel's memory: they are copied in and out, as what they
 * are copied from grows and is let go of by days. A copy costs a tenth of the scalar formula.
 */
export function openSlotVectors(lanesMax: number): SlotVectors {
  const kernel = openKernelMemory()
  const lanes = Math.ceil(lanesMax / 4) * 4
  const f32 = () => kernel.allocate(4 * lanes)
  const f64 = () => kernel.allocate(8 * lanes)
  const at = {
    ...{ energyMwh: f64(), baselineW: f32(), sigmaW: f32(), loadW: f32(), baseW: f32() },
    ...{ weight: f32(), meanW: f32(), varianceW2: f32(), rollingMw: f64(), leavingW: f32() },
    ...{ ratio: f32(), deviationW: f32(), z: f32(), rollingWh: f32(), exceptions: f32() },
  }
  let latest = factorsOf(deviationDefaults, 1)
  // The rows tell which are exceptions.
  const options = { kernel, factors: latest, bandWh: Number.POSITIVE_INFINITY }
  const deviation = openDeviationKernel(options)
  const { buffer } = kernel.memory
  const viewF32 = (address: number) => new Float32Array(buffer, address, lanes)
  const viewF64 = (address: number) => new Float64Array(buffer, address, lanes)
  return {
    energyMwh: viewF64(at.energyMwh),
    baselineW: viewF32(at.baselineW),
    sigmaW: viewF32(at.sigmaW),
    loadW: viewF32(at.loadW),
    baseW: viewF32(at.baseW),
    weight: viewF32(at.weight),
    meanW: viewF32(at.meanW),
    varianceW2: viewF32(at.varianceW2),
    rollingMw: viewF64(at.rollingMw),
    ratio: viewF32(at.ratio),
    deviationW: viewF32(at.deviationW),
    z: viewF32(at.z),
    rollingWh: viewF32(at.rollingWh),
    advance(factors, { lanes: count, mayBeNegative }) {
      if (factors !== latest) deviation.change(factors)
      latest = factors
      deviation.advance({ at, lanes: Math.ceil(count / 4) * 4, mayBeNegative })
    },
  }
}
