import { meterId } from '../../../schemas/ids.ts'

const slotsOfDay = 96
const metersOfGroup = 100

/**
 * What the layer computes as a first program does it: an object a reading, a Map of meters, a Map
 * of groups. Returns how many readings.
 */
export function runObjects(meters: number): number {
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

type ObjectReading = {
  readonly meterId: string
  readonly timestamp: number
  readonly power: number
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
