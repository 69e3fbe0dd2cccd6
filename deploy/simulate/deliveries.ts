import type { EpochMs } from '../../schemas/time.ts'
import { type DisturbReturnType, disturb } from './disturb.ts'
import type { Fontana } from './fontana.ts'
import { type London, londonIntervalS } from './london.ts'
import { demoHistoryStart, plannedEvents } from './plan.ts'
import { countedMsOf, doneMsOf } from './replay.ts'

const stepMs = londonIntervalS * 1000
const heldBackHome = 'MAC000031'

export type DeliveryOptions = {
  readonly seed: string
  readonly shuffle: string | undefined
  readonly quick: boolean
}

/**
 * All deliveries from the first day to the end of the second event's day: the readings of London
 * disturbed, those of Fontana as they are, each hour with the half-hour that completes it.
 */
export function planDeliveries(
  { london, fontana }: { london: London; fontana: Fontana },
  options: DeliveryOptions,
): DisturbReturnType {
  const { deliveries, injected } = disturbLondon(london, options)
  const withSolar = deliveries.map(({ startMs, lines }) => {
    return { startMs, lines: [...lines, ...(fontana.linesAt.get(startMs + stepMs) ?? [])] }
  })
  return { deliveries: withSolar, injected }
}

/** How many lines of Fontana were sent when the clock has come to `toMs`. */
export function countSolar(
  { linesAt }: Fontana,
  { quick, toMs }: { readonly quick: boolean; readonly toMs: EpochMs },
): number {
  const fromMs = firstMs(quick)
  const sent = [...linesAt].filter(([endMs]) => endMs > fromMs && endMs <= toMs)
  return sent.reduce((sum, [, lines]) => sum + lines.length, 0)
}

function disturbLondon(london: London, options: DeliveryOptions): DisturbReturnType {
  const { seed, shuffle, quick } = options
  const endMs = doneMsOf(plannedEvents.at(-1)!)
  return disturb({
    slots: london.slots.filter(({ startMs }) => startMs >= firstMs(quick) && startMs < endMs),
    ...{ seed, shuffle, countedMs: plannedEvents.flatMap(countedMsOf) },
    lateBeforeMs: plannedEvents[0]!.dayStartMs - 2 * 86_400_000,
    // One meter's last half-hour of each event arrives after the live figure was taken and before
    // the event is verified, which explains the difference between the two figures.
    heldBack: new Set(plannedEvents.map((each) => `${heldBackHome}@${each.endMs - stepMs}`)),
  })
}

/** `--quick` skips the first week, which neither baselines nor training need. */
export function firstMs(quick: boolean): EpochMs {
  return quick ? plannedEvents[0]!.dayStartMs - 35 * 86_400_000 : demoHistoryStart
}
