import os from 'node:os'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { type MeterId, meterId } from '../../schemas/ids.ts'
import { decodeColumns, encodeColumns } from '../../schemas/reading/frame.ts'
import { quality, standing } from '../../schemas/reading/reading.ts'
import type { ReadingColumns } from '../../schemas/reading/readingColumns.ts'
import {
  type DeviationOperator,
  openDeviationOperator,
} from '../../speed/kernel/deviationOperator.ts'
import { type KernelMemory, openKernelMemory } from '../../speed/kernel/kernelMemory.ts'
import { openSlotStream } from '../../speed/kernel/slotStream.ts'

/**
 * The deviation kernel against what memory allows and against a program of objects and a Map, all
 * in one run, per CPU second of one thread. Quarter-hourly meters, 100 a group.
 */
const stepS = 900
const slotsOfDay = 96
/** A round uses this many of them a day: a million meters take 200 MB. */
const slots = 12
const metersOfGroup = 100
const rowsOfFrame = 1_000
const roundsMin = 5
/** What a slot reads and writes of a meter, bytes: see `SlotAddresses`; the sums read 12 again. */
const bytesOfReading = 8 + 4 + 4 + 2 * (5 * 4 + 8) + 4 + 4 * 4

export function printKernel(): void {
  const copied = rates(() => copyOnce())
  print(`copy in wasm memory: ${spread(copied, 1e9)} GB/s read and written`)
  const bound = median(copied) / bytesOfReading
  print(`${bytesOfReading} bytes a reading: at most ${(bound / 1e6).toFixed(0)} M readings/s`)
  const share = (found: readonly number[]) =>
    `${((100 * median(found)) / bound).toFixed(0)} % of it`
  let first: number | null = null
  for (const meters of [1_000, 10_000, 100_000, 1_000_000]) {
    const job = openKernelJob(meters)
    const found = rates(() => job.run())
    first ??= median(found)
    const bytes = Math.round(job.bytes() / meters)
    const cost = (first / median(found)).toFixed(2)
    const name = `kernel and sums, ${meters.toLocaleString('en')} meters, ${bytes} B each`
    print(`${name}: ${spread(found, 1e6)} M readings/s, ${share(found)}; cost × ${cost}`)
  }
  for (const meters of [1_000, 100_000]) {
    const whole = openFrameJob(meters)
    const found = rates(() => whole.run())
    const name = `frames of 1,000 to sums and exceptions, ${meters.toLocaleString('en')} meters`
    print(`${name}: ${spread(found, 1e6)} M readings/s, ${share(found)}`)
  }
  const objects = rates(() => runObjects(20_000))
  print(`objects and a Map, 20,000 meters: ${spread(objects, 1e6)} M readings/s`)
  const { model } = os.cpus()[0]!
  print(`${model}, Node ${process.version}, load ${os.loadavg()[0]!.toFixed(1)}`)
}

/** Units a CPU second of at least five rounds; `round` returns its units. */
function rates(round: () => number): number[] {
  round()
  const found: number[] = []
  for (let index = 0; index < roundsMin; index++) {
    const before = process.cpuUsage()
    let units = 0
    let cpuUs = 0
    while (cpuUs < 300_000) {
      units += round()
      const { user, system } = process.cpuUsage(before)
      cpuUs = user + system
    }
    found.push((units / cpuUs) * 1e6)
  }
  return found.sort((left, right) => left - right)
}

const pages = 1_024
const copied = new Uint8Array(new WebAssembly.Memory({ initial: pages }).buffer)

/** Half of 64 MB into the other half. */
function copyOnce(): number {
  const half = copied.length / 2
  copied.copyWithin(half, 0, half)
  return copied.length
}

function openOperator(kernel: KernelMemory, meters: number): DeviationOperator {
  const groups = Math.ceil(meters / metersOfGroup)
  const operator = openDeviationOperator({
    ...{ kernel, stepS, slotsOfDay: slots, slotOfDay: (slot) => slot % slots },
    ...{ lanes: meters, mayBeNegative: false, options: deviationDefaults },
    segmentEnds: Uint32Array.from({ length: groups }, (_, at) => (at + 1) * metersOfGroup),
    onClosed: (_, { exceptions, sums }) => {
      closed.exceptions += exceptions.length
      closed.sums += sums.length
    },
  })
  for (let slot = 0; slot < slots; slot++) {
    const { baselineW, sigmaW } = operator.baselines(slot)
    for (let lane = 0; lane < meters; lane++) {
      baselineW[lane] = 400 + ((lane * 31) % 300)
      sigmaW[lane] = 50 + (lane % 40)
    }
  }
  return operator
}

/** Results are used, so that the optimizer cannot remove the work. */
const closed = { exceptions: 0, sums: 0 }

function energyOf(lane: number, slot: number): number {
  return 50_000 + ((lane * 7919 + slot * 104_729) % 200_000)
}

/** Slots that are in memory already. */
function openKernelJob(meters: number): { run(): number; bytes(): number } {
  const kernel = openKernelMemory()
  const column = kernel.allocate(8 * meters * slots)
  const operator = openOperator(kernel, meters)
  const { buffer } = kernel.memory
  const energies = new Float64Array(buffer, column, meters * slots)
  for (let at = 0; at < energies.length; at++) {
    energies[at] = energyOf(at % meters, Math.floor(at / meters))
  }
  const days = Math.max(1, Math.round(100_000 / meters))
  return {
    run() {
      for (let at = 0; at < days * slots; at++) {
        operator.close(at % slots, column + 8 * meters * (at % slots))
      }
      return days * slots * meters
    },
    bytes: () => buffer.byteLength,
  }
}

/** From the bytes of frames: decode, into slots, kernel, sums and exceptions. */
function openFrameJob(meters: number): { run(): number } {
  const kernel = openKernelMemory()
  const operator = openOperator(kernel, meters)
  const [lanes, at] = [kernel.allocate(4 * rowsOfFrame), kernel.allocate(4)]
  const values = kernel.allocate(8 * rowsOfFrame)
  const stream = openSlotStream({
    ...{ kernel, kind: 'f64', lanes: meters, firstSlot: 0, latenessSlots: 2 },
    operators: [operator],
  })
  const { buffer } = kernel.memory
  const laneColumn = new Uint32Array(buffer, lanes, rowsOfFrame)
  const slotCell = new Int32Array(buffer, at, 1)
  const valueColumn = new Float64Array(buffer, values, rowsOfFrame)
  const places = {
    lanes: { at: lanes, stride: 4 },
    slots: { at, stride: 0 },
    values: { at: values, stride: 8 },
  }
  const frames = Array.from({ length: slots }, (_, slot) => framesOfSlot(meters, slot))
  const firstLanes = lanesOf(frames[0]!)
  let day = 0
  return {
    run() {
      for (const [slot, own] of frames.entries()) {
        slotCell[0] = day * slots + slot
        for (const bytes of own) {
          const { columns } = decodeColumns(bytes)
          const first = firstLanes.get(columns.roster)!
          for (let row = 0; row < columns.rows; row++) {
            laneColumn[row] = first + columns.meter[row]!
          }
          valueColumn.set(columns.energyMwh)
          stream.take(places, columns.rows)
        }
      }
      stream.end()
      day += 1
      return slots * meters
    },
  }
}

/** The lane of the first meter of each frame's roster: a gateway sends the same roster again. */
function lanesOf(frames: readonly Uint8Array[]): Map<readonly MeterId[], number> {
  const rosters = frames.map((bytes) => decodeColumns(bytes).columns.roster)
  return new Map(rosters.map((roster, index) => [roster, index * rowsOfFrame]))
}

function framesOfSlot(meters: number, slot: number): Uint8Array[] {
  return Array.from({ length: meters / rowsOfFrame }, (_, frame) => {
    const first = frame * rowsOfFrame
    const rows = Array.from({ length: rowsOfFrame }, (_, row) => row)
    const columns: ReadingColumns = {
      rows: rowsOfFrame,
      roster: rows.map((row) => meterId(`meter-${first + row}`)),
      meter: Uint32Array.from(rows),
      t0Ms: 1_760_000_400_000 + 1_000 * stepS * slot,
      dtS: Int32Array.of(0),
      durationS: Uint32Array.of(stepS),
      energyMwh: Float64Array.from(rows, (row) => energyOf(first + row, slot)),
      powerW: Float32Array.of(Number.NaN),
      reactiveVar: Float32Array.of(Number.NaN),
      quality: Uint32Array.of(quality.measured),
      standing: Uint32Array.of(standing.stated),
      revision: Uint32Array.of(0),
      saidAtMs: Float64Array.of(0),
      isVoid: Uint32Array.of(0),
      ...{ source: '', ingest: '' },
    }
    return encodeColumns(columns)
  })
}

type ObjectReading = {
  readonly meterId: string
  readonly timestamp: number
  readonly power: number
}

/** As a first program does it: an object a reading, a Map of meters, a Map of groups. */
function runObjects(meters: number): number {
  const state = objectsOf(meters)
  const out: unknown[] = []
  for (const reading of state.readings) {
    const meter = state.meters.get(reading.meterId)!
    const slot = Math.floor((reading.timestamp % 86_400_000) / 900_000)
    const history = meter.history[slot]!
    const baseline = history.reduce((sum, each) => sum + each, 0) / history.length
    const share = meter.base > 0 ? meter.load / meter.base : 1
    const adjusted = Math.min(1.2, Math.max(0.8, share)) * baseline
    const deviation = reading.power - adjusted
    const surprise = deviation - meter.mean
    const z = meter.variance > 0 ? surprise / Math.sqrt(meter.variance) : Number.NaN
    meter.load = meter.load * 0.96 + reading.power
    meter.base = meter.base * 0.96 + baseline
    meter.mean += 0.1 * surprise
    meter.variance = 0.9 * (meter.variance + 0.1 * surprise * surprise)
    state.groups.set(meter.group, (state.groups.get(meter.group) ?? 0) + deviation)
    out.push({ ...reading, baseline: adjusted, deviation, z })
  }
  return out.length
}

type ObjectMeter = {
  readonly history: number[][]
  readonly group: string
  load: number
  base: number
  mean: number
  variance: number
}

let objects: ReturnType<typeof makeObjects> | null = null

function objectsOf(meters: number) {
  objects ??= makeObjects(meters)
  return objects
}

function makeObjects(meters: number) {
  const ids = Array.from({ length: meters }, (_, index) => meterId(`meter-${index}`))
  const known = new Map<string, ObjectMeter>()
  for (const [index, id] of ids.entries()) {
    const history = Array.from({ length: slotsOfDay }, () => new Array(10).fill(400))
    const group = `group-${Math.floor(index / metersOfGroup)}`
    known.set(id, { history, group, load: 0, base: 0, mean: 0, variance: 2_500 })
  }
  const readings: ObjectReading[] = ids.map((id, index) => {
    return { meterId: id, timestamp: 1_760_000_400_000, power: 300 + (index % 200) }
  })
  return { meters: known, groups: new Map<string, number>(), readings }
}

function median(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)]!
}

function spread(sorted: readonly number[], unit: number): string {
  const text = (value: number) => (value / unit).toFixed(value / unit < 10 ? 2 : 0)
  return `${text(median(sorted))} (${text(sorted[0]!)} … ${text(sorted.at(-1)!)})`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
