import { factorsOf, slotsOfHour } from '../../schemas/deviation/computeDeviation.ts'
import type { DeviationOptions } from '../../schemas/deviation/options.ts'
import { openDeviationKernel, type SlotAddresses, sumNames } from './deviationKernel.ts'
import type { KernelMemory } from './kernelMemory.ts'
import type { SlotOperator } from './slotStream.ts'

/** What a closed slot has, by lane; views that hold until the next slot closes. */
export type ClosedSlot = {
  readonly ratio: Float32Array
  readonly deviationW: Float32Array
  readonly z: Float32Array
  readonly rollingWh: Float32Array
  /** Lanes that are exceptions. */
  readonly exceptions: Uint32Array
  /** `[segment][sumNames]` */
  readonly sums: Float64Array
}

export type OpenDeviationOperatorParameters = {
  readonly kernel: KernelMemory
  readonly stepS: number
  /** Slots of the longest day. */
  readonly slotsOfDay: number
  /** The slot of the local day; 0 begins a new one. */
  readonly slotOfDay: (slot: number) => number
  /** Meters of the roster, up to a multiple of four; those of a group follow each other. */
  readonly lanes: number
  /** The lane after each group. */
  readonly segmentEnds: Uint32Array
  readonly mayBeNegative: boolean
  readonly options: DeviationOptions
  readonly onClosed: (slot: number, closed: ClosedSlot) => void
}

export type DeviationOperator = SlotOperator & {
  /** The published baselines of a slot of the day, by lane: mean power and its spread, W. */
  baselines(slotOfDay: number): { readonly baselineW: Float32Array; readonly sigmaW: Float32Array }
}

/**
 * The deviation of every meter, and the sums of groups, of energies in whole mWh (`f64`).
 *
 * A day depends on nothing of the one before, so a replay begins at midnight. Deviations are kept
 * for an hour; what else a slot has, until the next one closes.
 */
export function openDeviationOperator(
  parameters: OpenDeviationOperatorParameters,
): DeviationOperator {
  const { kernel, stepS, slotsOfDay, slotOfDay, lanes, segmentEnds, options } = parameters
  const { memory, allocate } = kernel
  const factors = factorsOf(options, stepS)
  const deviation = openDeviationKernel({ kernel, factors, bandWh: options.bandWh })
  const f64 = (count: number) => allocate(8 * lanes * count)
  const f32 = (count: number) => allocate(4 * lanes * count)
  const hour = slotsOfHour(stepS) + 1
  const [baseline, sigma, history] = [f32(slotsOfDay), f32(slotsOfDay), f32(hour)]
  const state = {
    ...{ loadW: f32(1), baseW: f32(1), weight: f32(1), meanW: f32(1), varianceW2: f32(1) },
    ...{ rollingMw: f64(1), ratio: f32(1), z: f32(1), rollingWh: f32(1), exceptions: f32(1) },
  }
  const segments = segmentEnds.length
  const [ends, sums] = [allocate(4 * segments), allocate(8 * segments * sumNames.length)]
  new Uint32Array(memory.buffer, ends, segments).set(segmentEnds)
  const ofF32 = (address: number, count = lanes) => new Float32Array(memory.buffer, address, count)
  ofF32(baseline, lanes * slotsOfDay).fill(Number.NaN)

  function beginDay(): void {
    const { loadW, baseW, weight, meanW } = state
    for (const each of [loadW, baseW, weight, meanW]) ofF32(each).fill(0)
    ofF32(state.varianceW2).fill(Number.NaN)
    new Float64Array(memory.buffer, state.rollingMw, lanes).fill(0)
    ofF32(history, lanes * hour).fill(Number.NaN)
  }

  return {
    name: 'deviation',
    replaySlots: slotsOfDay - 1,
    baselines(slot) {
      return {
        baselineW: ofF32(baseline + 4 * lanes * slot),
        sigmaW: ofF32(sigma + 4 * lanes * slot),
      }
    },
    close(slot, column) {
      const own = slotOfDay(slot)
      if (own === 0) beginDay()
      const at: SlotAddresses = {
        ...{ ...state, energyMwh: column },
        baselineW: baseline + 4 * lanes * own,
        sigmaW: sigma + 4 * lanes * own,
        deviationW: history + 4 * lanes * (own % hour),
        leavingW: history + 4 * lanes * ((own + 1) % hour),
      }
      const { mayBeNegative } = parameters
      const found = deviation.advance({ at, lanes, mayBeNegative })
      const added = new Float64Array(memory.buffer, sums, segments * sumNames.length).fill(0)
      deviation.sum({ at, ends, segments, sums })
      parameters.onClosed(slot, {
        ratio: ofF32(at.ratio),
        deviationW: ofF32(at.deviationW),
        z: ofF32(at.z),
        rollingWh: ofF32(at.rollingWh),
        exceptions: new Uint32Array(memory.buffer, at.exceptions, found),
        sums: added,
      })
    },
  }
}
