import type { EpochMs } from '../../../schemas/time.ts'
import type { Zone } from './zone.ts'

/** The step of one series: seconds, or a local day of 23 to 25 hours. */
export type Step = { readonly stepS: number; readonly isLocalDay: boolean }

export type StepFinding = {
  /** Null where there are not two stamps. */
  readonly found: Step | null
  /** Stamps whose interval is of another step, with its length in seconds. */
  readonly others: ReadonlyMap<EpochMs, number>
  /** Seconds from each stamp to the next one. */
  readonly distances: ReadonlyMap<EpochMs, number>
  /** The usual distance where it is no step, as it does not divide a day. */
  readonly oddS?: number
}

const dayMs = 86_400_000
const hourMs = 3_600_000
/** So many distances of one length in a row are another step; fewer are missing rows. */
const rowMin = 3

/**
 * The most frequent distance of the stamps of one series; the shorter of two.
 *
 * The interval of a start reaches to the next stamp, that of an end to the one before; a stamp at
 * the edge of a run of another step, which has no neighbour of its own step there, is of that run.
 */
export function findStep(stamps: Iterable<EpochMs>, zone: Zone, isEnd = false): StepFinding {
  const sorted = [...new Set(stamps)].sort((left, right) => left - right)
  const distances = sorted.slice(1).map((ms, at) => ms - sorted[at]!)
  const step = mostFrequent(distances)
  if (step === null) return { found: null, others: new Map(), distances: new Map() }
  const isLocalDay = isDay(step) && isSameTime(sorted, zone)
  const fits = (distance: number) =>
    isLocalDay
      ? Math.abs(distance - Math.round(distance / dayMs) * dayMs) <= hourMs
      : distance % step === 0
  const others = new Map<EpochMs, number>()
  distances.forEach((distance, at) => {
    const isRun = !isLocalDay && distance !== step && isInRow(distances, at)
    if (!isRun && fits(distance)) return
    const [own, edge] = isEnd ? [at + 1, at] : [at, at + 1]
    others.set(sorted[own]!, distance / 1000)
    const beyond = distances[isEnd ? at - 1 : at + 1]
    if (isRun && beyond !== step && !others.has(sorted[edge]!)) {
      others.set(sorted[edge]!, distance / 1000)
    }
  })
  const seconds = new Map(distances.map((distance, at) => [sorted[at]!, distance / 1000] as const))
  const found = { stepS: isLocalDay ? dayMs / 1000 : step / 1000, isLocalDay }
  return { found, others, distances: seconds }
}

/** The end of an interval that begins at `startMs`. */
export function endOf(startMs: EpochMs, { stepS, isLocalDay }: Step, zone: Zone): EpochMs {
  if (!isLocalDay) return startMs + stepS * 1000
  const wallMs = zone.wallOf(startMs) + dayMs
  return zone.instantsOf(wallMs)[0] ?? startMs + dayMs
}

/** The start of an interval that ends at `endMs`. */
export function startOf(endMs: EpochMs, { stepS, isLocalDay }: Step, zone: Zone): EpochMs {
  if (!isLocalDay) return endMs - stepS * 1000
  const wallMs = zone.wallOf(endMs) - dayMs
  return zone.instantsOf(wallMs)[0] ?? endMs - dayMs
}

function mostFrequent(distances: readonly number[]): number | null {
  const counts = new Map<number, number>()
  for (const distance of distances) counts.set(distance, (counts.get(distance) ?? 0) + 1)
  let best: number | null = null
  for (const [distance, count] of counts) {
    const most = best === null ? 0 : counts.get(best)!
    if (count > most || (count === most && best !== null && distance < best)) best = distance
  }
  return best
}

function isDay(distance: number): boolean {
  return Math.abs(distance - dayMs) <= hourMs && distance % hourMs === 0
}

/** All at the same time of the local day. */
function isSameTime(sorted: readonly EpochMs[], zone: Zone): boolean {
  const times = new Set(sorted.map((ms) => ((zone.wallOf(ms) % dayMs) + dayMs) % dayMs))
  return times.size === 1
}

/** One of at least `rowMin` equal distances side by side. */
function isInRow(distances: readonly number[], at: number): boolean {
  const distance = distances[at]
  let from = at
  let to = at
  while (distances[from - 1] === distance) from--
  while (distances[to + 1] === distance) to++
  return to - from + 1 >= rowMin
}
