import { slotsOfHour } from '../../../schemas/deviation/computeDeviation.ts'
import { factorsFor, type SpeedState } from '../../../speed/microbatch/speedState.ts'
import { print, printMachine, quantile, ratesByCpu, spreadOf } from '../figures.ts'
import {
  type Job,
  measureBytes,
  nothingSpent,
  openState,
  recordsOfSlot,
  takeBatch,
} from '../layerBench.ts'
import { printCodec } from './codec.ts'
import { runObjects } from './objectsJob.ts'

/** Quarter-hours, of which a run of cells has 48. */
const stepS = 900
const slots = 24
const framesOfBatch = 60
const sizes = [1_000, 10_000, 100_000, 1_000_000]
/**
 * What the kernel reads and writes of a cell, bytes: energy, its length, baseline and spread; the
 * state before it, the deviations of the hour before it; its state and what it shows.
 */
const bytesOfReading = 24 + 20 + 4 * (slotsOfHour(stepS) - 1) + 20 + 16

/**
 * The speed layer by number of meters, on one thread, per CPU second: its kernel on the cells that
 * frames left, and all of it from the bytes of a frame to rows; against what memory allows, and
 * against a program of objects and a Map, in one run. Before it the codec, and last bytes a meter.
 */
export function printSpeed(given: readonly number[] = []): void {
  // Before there is a state that the collector looks at.
  printCodec()
  const bound = printBound()
  const objects = ratesByCpu(() => runObjects(20_000))
  print(`objects and a Map, 20,000 meters: ${spreadOf(objects, 1e6)} M readings/s`)
  // Compiled as in a layer that was running.
  for (let time = 0; time < 3; time++) runFrames({ meters: 10_000, slots, stepS })
  let first: number | null = null
  for (const meters of given.length > 0 ? given : sizes) {
    const { state, rates, openingUs } = runFrames({ meters, slots, stepS })
    const middle = quantile(rates, 0.5)
    first ??= middle
    const name = `${meters.toLocaleString('en')} meters`
    printRates(`kernel on the cells, ${name}`, ratesByCpu(openKernelRun(state)), bound)
    printRates(`frames of 1,000 to rows, ${name}`, rates, bound)
    const times = `${(middle / quantile(objects, 0.5)).toFixed(1)} × objects`
    print(
      `  cost × ${(first / middle).toFixed(2)}; ${times}; opening a day ${openingUs} µs a meter`,
    )
  }
  printBytes()
  printMachine()
}

function printBound(): number {
  const bytes = new Uint8Array(new WebAssembly.Memory({ initial: 1_024 }).buffer)
  const half = bytes.length / 2
  const copied = ratesByCpu(() => {
    bytes.copyWithin(half, 0, half)
    return bytes.length
  })
  print(`copy in wasm memory, 64 MB: ${spreadOf(copied, 1e9)} GB/s read and written`)
  const bound = quantile(copied, 0.5) / bytesOfReading
  print(`${bytesOfReading} B a reading: at most ${(bound / 1e6).toFixed(0)} M readings/s`)
  return bound
}

function printRates(name: string, rates: readonly number[], bound: number): void {
  const share = (100 * quantile(rates, 0.5)) / bound
  print(`${name}: ${spreadOf(rates, 1e6)} M readings/s, ${share.toFixed(1)} % of the bound`)
}

/** Readings a CPU second of each slot but the first, which opens the meters' day. */
function runFrames(job: Job): { state: SpeedState; rates: number[]; openingUs: string } {
  const state = openState(job)
  const found = Array.from({ length: job.slots }, (_, slot) => {
    const records = recordsOfSlot(job, slot)
    const spent = nothingSpent()
    for (let from = 0; from < records.length; from += framesOfBatch) {
      takeBatch(state, spent, records.slice(from, from + framesOfBatch))
    }
    return spent
  })
  const [opening, ...others] = found
  const rates = others.map(({ readings, cpuUs }) => (1e6 * readings) / cpuUs)
  return { state, rates, openingUs: (opening!.cpuUs / job.meters).toFixed(2) }
}

/** The kernel on all cells, slot by slot, as a micro-batch of all meters calls it. */
function openKernelRun(state: SpeedState): () => number {
  const factors = factorsFor(state, stepS)
  const days = [...state.rosters.values()].flatMap((roster) => [...roster.days.values()])
  const blocks = days.flatMap((day) => day.blocks.flat()).filter(({ kernel }) => kernel !== null)
  let slot = 0
  return () => {
    let readings = 0
    for (const { kernel, capacity, lanes } of blocks) {
      kernel!.advance(factors, { slot, cell: slot * capacity, lanes: capacity })
      readings += lanes.days.length
    }
    slot = (slot + 1) % slots
    return readings
  }
}

/** Bytes a meter whose half-hourly day is full, after a collection. */
function printBytes(): void {
  const job = { meters: 10_000, slots: 48, stepS: 1_800 }
  const all = Array.from({ length: 5 }, () => measureBytes(job))
  const hot = 24 + 2 * 20 + 4 + 16
  print(
    `a slot of a half-hourly meter reads and writes ${hot} B of its cells; all of the state and`,
  )
  print(`its sums, with a whole day: ${spreadOf(all, 1)} B a meter`)
}
