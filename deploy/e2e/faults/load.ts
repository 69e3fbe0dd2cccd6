import { type EpochMs, isoUtc, localToEpochMs } from '../../../schemas/time.ts'
import { type Delivery, disturb, type Injected } from '../../simulate/disturb.ts'
import type { LondonSlot } from '../../simulate/london.ts'
import { seededRandom } from '../../simulate/random.ts'

export const zone = 'Europe/London'
const dayMs = 86_400_000
const stepS = 1_800
const historyDays = 11
const metersOfLoad = 300
/** About what makes 1,000 readings a second with ten requests a second. */
const linesOfBody = 100

/** The first meters, which take part in events. */
export const payees = 24

export const meters = Array.from({ length: metersOfLoad }, (_, index) => ({
  meter: `MAC${String(index).padStart(6, '0')}`,
  zone,
  group: `group-${index % 6}`,
  intervalS: stepS,
  ...(index < payees ? { account: `0x${String(index + 1).padStart(40, '0')}` } : {}),
}))

/** One request: a part of what arrives in a half-hour. */
export type Body = {
  readonly key: string
  /** The time by the simulated clock when it is sent. */
  readonly nowMs: EpochMs
  readonly lines: readonly string[]
}

export type Load = {
  readonly history: readonly Body[]
  readonly live: readonly Body[]
  /** What was injected into history and load. */
  readonly injected: Injected
  readonly startMs: EpochMs
  /** The last midnight before the end of the load: half of a day follows. */
  readonly lastMidnightMs: EpochMs
  readonly endMs: EpochMs
}

/**
 * Readings of 300 meters: a history, which baselines need, and `days` and a half of load. Some are
 * doubled, late by half an hour or a day, corrected or malformed.
 */
export function makeLoad(options: { readonly days: number; readonly seed: string }): Load {
  const startMs = localToEpochMs('2013-02-11T00:00', zone)
  const lastMidnightMs = startMs + options.days * dayMs
  const endMs = lastMidnightMs + dayMs / 2
  const fromMs = startMs - historyDays * dayMs
  const random = seededRandom(`load ${options.seed}`)
  const slots: LondonSlot[] = []
  for (let slotMs = fromMs; slotMs < endMs; slotMs += stepS * 1000) {
    const rows = meters.map(({ meter }) => ({
      ...{ meter, start: isoUtc(slotMs), duration_s: stepS, energy_wh: random.below(900) },
    }))
    slots.push({ startMs: slotMs, rows })
  }
  const { deliveries, injected } = disturb({
    ...{ slots, seed: options.seed, shuffle: undefined, countedMs: [], heldBack: new Set() },
    lateBeforeMs: endMs - 2 * dayMs,
  })
  const history = deliveries.filter((each) => each.startMs < startMs)
  const live = deliveries.filter((each) => each.startMs >= startMs)
  return {
    history: history.flatMap((each) => bodiesOf(each, 5_000)),
    live: live.flatMap((each) => bodiesOf(each, linesOfBody)),
    ...{ injected, startMs, lastMidnightMs, endMs },
  }
}

function bodiesOf({ startMs, lines }: Delivery, linesMax: number): Body[] {
  const parts = Math.ceil(lines.length / linesMax)
  return Array.from({ length: parts }, (_, part) => ({
    key: `${startMs}-${part}`,
    nowMs: startMs + stepS * 1000,
    lines: lines.slice(part * linesMax, (part + 1) * linesMax),
  }))
}
