import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { exceptionNumbers, openBandOperator, sumNumbers } from '../../speed/kernel/bandOperator.ts'
import { openKernelMemory } from '../../speed/kernel/kernelMemory.ts'
import { openSlotStream } from '../../speed/kernel/slotStream.ts'

const slotsOfDay = 96
const groups = 1_000
const recordBytes = 12
/** Rows of a batch: what a micro-batch has. */
const rowsOfBatch = 65_536

type Fleet = {
  readonly lanes: number
  /** Per lane: the meters in their order, padded to a multiple of four. */
  readonly groupOf: Uint16Array
  readonly bands: Int32Array
  readonly baselines: Int32Array
}

type Checksums = { rows: number; agg: number; cnt: number; exc: number; excCheck: number }

const inputs = ['meters.bin', 'baseline.bin', 'readings.p0of1.bin'] as const

/** The first file of the job's input that a folder does not have. */
export function missingInput(folder: string): string | null {
  const files = inputs.map((name) => path.join(folder, name))
  return files.find((file) => !existsSync(file)) ?? null
}

/**
 * The job `dr-deviation` on a folder of its input (`meters.bin`, `baseline.bin`,
 * `readings.p0of1.bin`): a watermark of two slots, the first of repeated readings, deviations over
 * four slots against a band, and sums of groups. An operator of the speed layer's slots.
 *
 * Prints a line of JSON: readings a second and CPU seconds of 10 M readings, and the checksums.
 */
export function printDrDeviation(folder: string, rounds = 7): void {
  const bytes = readFileSync(path.join(folder, 'readings.p0of1.bin'))
  const readings = bytes.length / recordBytes
  const fleet = readFleet(folder)
  const rates: number[] = []
  const cpus: number[] = []
  let outcome = { sums: emptyChecksums(), late: 0 }
  for (let round = 0; round < rounds; round++) {
    const { take, check, late } = openJob(fleet)
    const cpu = process.cpuUsage()
    const beganMs = performance.now()
    take(bytes)
    rates.push((readings / (performance.now() - beganMs)) * 1000)
    const { user, system } = process.cpuUsage(cpu)
    cpus.push(((user + system) / readings) * 10)
    outcome = { sums: check(), late: late() }
  }
  const [rate, least, most] = [median(rates), Math.min(...rates), Math.max(...rates)]
  const line = {
    ...{ peer: 'wattproof', par: 1, readings },
    ...{ rate: Math.round(rate), min: Math.round(least), max: Math.round(most) },
    cpu10M: Number(median(cpus).toFixed(4)),
    rssMb: Math.round(process.memoryUsage().rss / 2 ** 20),
    ...{ dropped: outcome.late, ...outcome.sums },
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** State of a run; `take` is what is timed. The checks are added up afterwards, as by all peers. */
function openJob(fleet: Fleet) {
  const kernel = openKernelMemory()
  const { lanes, groupOf, bands, baselines } = fleet
  const sums: [number, Int32Array][] = []
  const exceptions: [number, Int32Array][] = []
  const operator = openBandOperator({
    ...{ kernel, lanes, groupOf, groups, bands, baselines, slotsOfDay, rollingSlots: 4 },
    onSums: (slot, found) => sums.push([slot, found.slice()]),
    onExceptions: (slot, found) => exceptions.push([slot, found.slice()]),
  })
  const stream = openSlotStream({
    ...{ kernel, kind: 'i32', lanes, firstSlot: 0, latenessSlots: 2 },
    operators: [operator],
  })
  const at = kernel.allocate(rowsOfBatch * recordBytes)
  const places = {
    lanes: { at, stride: recordBytes },
    slots: { at: at + 4, stride: recordBytes },
    values: { at: at + 8, stride: recordBytes },
  }
  const batch = new Uint8Array(kernel.memory.buffer, at, rowsOfBatch * recordBytes)
  return {
    take(bytes: Buffer): void {
      for (let from = 0; from < bytes.length; from += batch.length) {
        const own = bytes.subarray(from, from + batch.length)
        batch.set(own)
        stream.take(places, own.length / recordBytes)
      }
      stream.end()
    },
    check: () => checksumsOf(sums, exceptions),
    late: () => stream.counts().late,
  }
}

function readFleet(folder: string): Fleet {
  const meters = numbersOf(path.join(folder, 'meters.bin'))
  const baseline = numbersOf(path.join(folder, 'baseline.bin'))
  const count = meters.length / 2
  const lanes = Math.ceil(count / 4) * 4
  const groupOf = new Uint16Array(lanes)
  const bands = new Int32Array(lanes)
  const baselines = new Int32Array(slotsOfDay * lanes)
  for (let meter = 0; meter < count; meter++) {
    groupOf[meter] = meters[2 * meter]!
    bands[meter] = meters[2 * meter + 1]!
  }
  for (let slot = 0; slot < slotsOfDay; slot++) {
    baselines.set(baseline.subarray(slot * count, (slot + 1) * count), slot * lanes)
  }
  return { lanes, groupOf, bands, baselines }
}

function numbersOf(file: string): Int32Array {
  const { buffer } = new Uint8Array(readFileSync(file))
  return new Int32Array(buffer)
}

const emptyChecksums = (): Checksums => ({ rows: 0, agg: 0, cnt: 0, exc: 0, excCheck: 0 })

function checksumsOf(
  sums: readonly (readonly [number, Int32Array])[],
  exceptions: readonly (readonly [number, Int32Array])[],
): Checksums {
  const found = emptyChecksums()
  for (const [slot, own] of sums) {
    for (let group = 0; group < groups; group++) {
      const [load, baseline, deviation, count] = own.subarray(group * sumNumbers)
      if (count === 0) continue
      const weight = ((slot * 1000 + group) % 251) + 1
      found.rows += 1
      found.cnt += count!
      found.agg += (load! + 3 * baseline! + 7 * deviation! + 11 * count!) * weight
    }
  }
  for (const [slot, own] of exceptions) {
    for (let at = 0; at < own.length; at += exceptionNumbers) {
      const meter = own[at]!
      found.exc += 1
      found.excCheck +=
        ((meter % 1009) + 1) * ((slot % 127) + 1) + own[at + 1]! * ((meter % 13) + 1)
    }
  }
  return found
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)]!
}
