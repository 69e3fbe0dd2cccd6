import os from 'node:os'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { meterId } from '../../schemas/ids.ts'
import { createRosterDay, type RosterDay } from '../../speed/kernel/rosterDay.ts'

/**
 * The deviation kernel against what memory allows and against a program of objects and a Map, all
 * in one run, per CPU second of one thread. Quarter-hourly meters, 100 a group.
 */
const stepS = 900
const slotsOfDay = 96
/** Of which each day of a round has so many: a million meters take 200 MB. */
const slots = 12
const metersOfGroup = 100
const roundsMin = 5
/** What a slot reads and writes of a meter, bytes: see `SlotAddresses`; the sums read 12 again. */
const bytesOfReading = 8 + 4 + 4 + 2 * (5 * 4 + 8) + 4 + 4 * 4

export function printKernel(): void {
  const copied = rates(() => copyOnce())
  print(`copy in wasm memory: ${spread(copied, 1e9)} GB/s read and written`)
  const bound = median(copied) / bytesOfReading
  print(`${bytesOfReading} bytes a reading: at most ${(bound / 1e6).toFixed(0)} M readings/s`)
  let first: number | null = null
  for (const meters of [1_000, 10_000, 100_000, 1_000_000]) {
    const day = filledDay(meters)
    const found = rates(() => runDay(day, meters))
    first ??= median(found)
    const share = ((100 * median(found)) / bound).toFixed(0)
    const cost = (first / median(found)).toFixed(2)
    const bytes = Math.round(day.bytes / meters)
    const name = `${meters.toLocaleString('en')} meters, ${bytes} B each`
    print(`${name}: ${spread(found, 1e6)} M readings/s`)
    print(`  ${share} % of what memory allows, ${cost} × the cost at 1,000 meters`)
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

function filledDay(meters: number): RosterDay {
  const lanes = Math.ceil(meters / 4) * 4
  const day = createRosterDay({
    ...{ stepS, lanes, mayBeNegative: false, options: deviationDefaults },
    slots,
  })
  fill(day, meters)
  return day
}

function fill(day: RosterDay, meters: number): void {
  for (let slot = 0; slot < slots; slot++) {
    const columns = day.slot(slot)
    for (let lane = 0; lane < meters; lane++) {
      columns.energyMwh[lane] = 50_000 + ((lane * 7919 + slot * 104_729) % 200_000)
      columns.baselineW[lane] = 400 + ((lane * 31) % 300)
      columns.sigmaW[lane] = 50 + (lane % 40)
    }
  }
}

function runDay(day: RosterDay, meters: number): number {
  const ends = Uint32Array.from({ length: Math.ceil(meters / metersOfGroup) }, (_, group) =>
    Math.min(meters, (group + 1) * metersOfGroup),
  )
  const rounds = Math.max(1, Math.round(100_000 / meters))
  for (let round = 0; round < rounds; round++) {
    day.restart()
    for (let slot = 0; slot < slots; slot++) {
      day.advance(slot)
      day.sum(slot, ends)
    }
  }
  return rounds * slots * meters
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
