import { factorsOf, slotsOfHour } from '../../schemas/deviation/computeDeviation.ts'
import type { DeviationOptions } from '../../schemas/deviation/options.ts'
import { openDeviationKernel, type SlotAddresses, sumNames } from './deviationKernel.ts'

/** A slot's columns of all lanes. */
export type SlotColumns = {
  readonly energyMwh: Float64Array
  readonly baselineW: Float32Array
  readonly sigmaW: Float32Array
  readonly ratio: Float32Array
  readonly deviationW: Float32Array
  readonly z: Float32Array
  readonly rollingWh: Float32Array
}

export type CreateRosterDayParameters = {
  readonly stepS: number
  readonly slots: number
  /** Meters, up to a multiple of four. */
  readonly lanes: number
  readonly mayBeNegative: boolean
  readonly options: DeviationOptions
}

export type RosterDay = {
  readonly bytes: number
  /** Views of a slot; they hold until the next day is created. */
  slot(slot: number): SlotColumns
  /** The state before the first slot, whose readings stay. */
  restart(): void
  /** Computes a slot, the next one, of all meters; returns the lanes that are exceptions. */
  advance(slot: number): Uint32Array
  /**
   * The sums of a computed slot by segments of lanes, `[segment][sumNames]`.
   *
   * @param ends the lane after each.
   */
  sum(slot: number, ends: Uint32Array): Float64Array
}

/**
 * A local day of a roster in the kernel's memory, slot-major: a column of a slot has one value a
 * meter, in the order of the roster. Deviations are kept for an hour; what else a slot has, until
 * the next one is computed.
 */
export function createRosterDay(parameters: CreateRosterDayParameters): RosterDay {
  const { stepS, slots, lanes, mayBeNegative, options } = parameters
  const factors = factorsOf(options, stepS)
  const kernel = openDeviationKernel({ factors, bandWh: options.bandWh })
  const { memory, allocate } = kernel
  const f64 = (count: number) => allocate(8 * lanes * count)
  const f32 = (count: number) => allocate(4 * lanes * count)
  const hour = slotsOfHour(stepS) + 1
  const [energy, baseline, sigma] = [f64(slots), f32(slots), f32(slots)]
  const deviations = f32(hour)
  const state = {
    ...{ loadW: f32(1), baseW: f32(1), weight: f32(1), meanW: f32(1), varianceW2: f32(1) },
    ...{ rollingMw: f64(1), ratio: f32(1), z: f32(1), rollingWh: f32(1), exceptions: f32(1) },
  }
  const nothing = f32(1)
  const at = (slot: number): SlotAddresses => ({
    energyMwh: energy + 8 * lanes * slot,
    baselineW: baseline + 4 * lanes * slot,
    sigmaW: sigma + 4 * lanes * slot,
    ...state,
    deviationW: deviations + 4 * lanes * (slot % hour),
    leavingW: slot < hour - 1 ? nothing : deviations + 4 * lanes * ((slot + 1) % hour),
  })
  const ofF64 = (address: number, count: number) => new Float64Array(memory.buffer, address, count)
  const ofF32 = (address: number, count: number) => new Float32Array(memory.buffer, address, count)
  const restart = () => {
    const { loadW, baseW, weight, meanW } = state
    for (const each of [loadW, baseW, weight, meanW]) ofF32(each, lanes).fill(0)
    ofF64(state.rollingMw, lanes).fill(0)
    ofF32(state.varianceW2, lanes).fill(Number.NaN)
  }
  ofF32(baseline, lanes * slots).fill(Number.NaN)
  ofF64(energy, lanes * slots).fill(Number.NaN)
  restart()
  let room = { ends: 0, sums: 0, segments: -1 }

  return {
    get bytes() {
      return memory.buffer.byteLength
    },
    restart,
    slot(slot) {
      const address = at(slot)
      return {
        energyMwh: ofF64(address.energyMwh, lanes),
        baselineW: ofF32(address.baselineW, lanes),
        sigmaW: ofF32(address.sigmaW, lanes),
        ratio: ofF32(address.ratio, lanes),
        deviationW: ofF32(address.deviationW, lanes),
        z: ofF32(address.z, lanes),
        rollingWh: ofF32(address.rollingWh, lanes),
      }
    },
    advance(slot) {
      const found = kernel.advance({ at: at(slot), lanes, mayBeNegative })
      return new Uint32Array(memory.buffer, state.exceptions, found)
    },
    sum(slot, ends) {
      const segments = ends.length
      if (room.segments < segments) {
        room = { ends: allocate(4 * segments), sums: allocate(40 * segments), segments }
      }
      new Uint32Array(memory.buffer, room.ends, segments).set(ends)
      const sums = ofF64(room.sums, sumNames.length * segments).fill(0)
      kernel.sum({ at: at(slot), ...room, segments })
      return sums
    },
  }
}
