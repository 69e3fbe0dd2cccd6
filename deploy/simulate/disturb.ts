import type { EpochMs } from '../../schemas/time.ts'
import type { LondonSlot, TidyRow } from './london.ts'
import { malformedKinds } from './malformed.ts'
import { type Random, seededRandom, shuffled } from './random.ts'

/** What arrives in one half-hour: lines of NDJSON, good and bad. */
export type Delivery = { readonly startMs: EpochMs; readonly lines: readonly string[] }

export type DisturbReturnType = {
  readonly deliveries: readonly Delivery[]
  /** What was sent on purpose, to hold the books against. */
  readonly injected: {
    readonly doubled: number
    readonly delayed: number
    readonly corrected: number
    readonly malformed: number
  }
}

/** Of the readings: how many are doubled, delayed by one half-hour, restated; and spoilt lines. */
const shares = { doubled: 0.01, delayed: 0.01, corrected: 0.002, malformed: 0.001 } as const

/**
 * What really arrives when gateways are doubled, late and wrong, drawn from a seed.
 *
 * A delayed reading comes one half-hour after its own, which is within the allowance. A restated
 * one comes with a higher revision and three quarters of its value. With `shuffle` the same set of
 * readings comes in another order: every line twice, and each delivery in a new order.
 */
export function disturb(
  slots: readonly LondonSlot[],
  options: { seed: string; shuffle: string | undefined },
): DisturbReturnType {
  const random = seededRandom(`disturb ${options.seed}`)
  const injected = { doubled: 0, delayed: 0, corrected: 0, malformed: 0 }
  const kinds = Object.values(malformedKinds)
  let held: string[] = []

  const deliveries = slots.map(({ startMs, rows }) => {
    const lines = held
    held = []
    for (const row of rows) {
      const line = JSON.stringify(row)
      const isDelayed = random.next() < shares.delayed
      if (isDelayed) {
        held.push(line)
        injected.delayed++
      } else lines.push(line)
      if (random.next() < shares.doubled) {
        lines.push(line)
        injected.doubled++
      }
      if (random.next() < shares.corrected) {
        lines.push(JSON.stringify(restate(row)))
        injected.corrected++
      }
      if (random.next() < shares.malformed) {
        lines.push(kinds[injected.malformed % kinds.length]!(row))
        injected.malformed++
      }
    }
    return { startMs, lines }
  })
  const last = deliveries.at(-1)
  if (last && held.length > 0) deliveries.push({ startMs: last.startMs, lines: held })
  const { shuffle } = options
  return { deliveries: shuffle ? reorder(deliveries, seededRandom(shuffle)) : deliveries, injected }
}

function restate(row: TidyRow): TidyRow {
  return { ...row, energy_wh: Math.round(row.energy_wh * 0.75), revision: 1 }
}

function reorder(deliveries: readonly Delivery[], random: Random): Delivery[] {
  return deliveries.map(({ startMs, lines }) => {
    return { startMs, lines: shuffled([...lines, ...lines], random) }
  })
}
