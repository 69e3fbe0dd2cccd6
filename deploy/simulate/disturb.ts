import type { EpochMs } from '../../schemas/time.ts'
import type { LondonSlot, TidyRow } from './london.ts'
import { malformedKinds } from './malformed.ts'
import { type Random, seededRandom, shuffled } from './random.ts'

/** The delivery of one half-hour: lines of NDJSON, valid and malformed. */
export type Delivery = { readonly startMs: EpochMs; readonly lines: readonly string[] }

/** What was injected, to check the ingest counters against. */
export type Injected = {
  /** Lines in all, good and bad. */
  readonly sent: number
  /** Arrivals of the same version beyond the first. */
  readonly doubled: number
  /** Half an hour late: within the allowed lateness. */
  readonly delayed: number
  /** A day late: beyond it. */
  readonly late: number
  readonly corrected: number
  readonly malformed: number
}

export type DisturbParameters = {
  readonly slots: readonly LondonSlot[]
  readonly seed: string
  /** Another order of the same set: many lines delayed, every line twice, deliveries shuffled. */
  readonly shuffle: string | undefined
  /** Times of deliveries that come after a count: no line is moved past one. */
  readonly countedMs: readonly EpochMs[]
  /** Only readings before this time are a day late. */
  readonly lateBeforeMs: EpochMs
  /** Readings that arrive an hour and a half later than normal, as `METER@START`. */
  readonly heldBack: ReadonlySet<string>
}

export type DisturbReturnType = {
  readonly deliveries: readonly Delivery[]
  readonly injected: Injected
}

/** Shares of readings that are duplicated, delayed, late and restated, and of malformed lines. */
const shares = {
  doubled: 0.01,
  delayed: 0.01,
  late: 0.001,
  corrected: 0.002,
  malformed: 0.001,
} as const
const delaySlots = 1
const lateSlots = 48
const heldBackSlots = 3
/** Shuffling: the share of delayed lines, and their longest delay. */
const movedShare = 0.2
const movedSlotsMax = 3

/**
 * Simulates gateways that send duplicate, late and malformed readings, from a seed.
 *
 * A restated reading has a higher revision and three quarters of its value.
 */
export function disturb(parameters: DisturbParameters): DisturbReturnType {
  const { slots, shuffle } = parameters
  const random = seededRandom(`disturb ${parameters.seed}`)
  const kinds = Object.values(malformedKinds)
  const injected = { sent: 0, doubled: 0, delayed: 0, late: 0, corrected: 0, malformed: 0 }
  const arriving: string[][] = slots.map(() => [])
  const arrive = (slot: number, line: string) => {
    arriving[Math.min(slot, slots.length - 1)]?.push(line)
  }
  slots.forEach(({ startMs, rows }, slot) => {
    for (const row of rows) {
      const line = JSON.stringify(row)
      const kind = drawDelay(random, { ...parameters, startMs, row })
      if (kind !== 'none' && kind !== 'heldBack') injected[kind]++
      arrive(slot + slotsOf[kind], line)
      if (random.next() < shares.doubled && kind !== 'late') {
        arrive(slot + slotsOf[kind], line)
        injected.doubled++
      }
      if (random.next() < shares.corrected) {
        arrive(slot, JSON.stringify(restate(row)))
        injected.corrected++
      }
      if (random.next() < shares.malformed) {
        arrive(slot, kinds[injected.malformed % kinds.length]!(row))
        injected.malformed++
      }
    }
  })
  const deliveries = slots.map(({ startMs }, slot) => ({ startMs, lines: arriving[slot]! }))
  injected.sent = deliveries.reduce((sum, { lines }) => sum + lines.length, 0)
  if (!shuffle) return { deliveries, injected }
  const reordered = reorder(deliveries, { ...parameters, random: seededRandom(shuffle) })
  return { deliveries: reordered, injected: twice(injected) }
}

type Delay = 'none' | 'delayed' | 'late' | 'heldBack'
const slotsOf = { none: 0, delayed: delaySlots, late: lateSlots, heldBack: heldBackSlots } as const

function drawDelay(
  random: Random,
  at: DisturbParameters & { readonly startMs: EpochMs; readonly row: TidyRow },
): Delay {
  const drawn = random.next()
  if (at.heldBack.has(`${at.row.meter}@${at.startMs}`)) return 'heldBack'
  if (drawn < shares.late) return at.startMs < at.lateBeforeMs ? 'late' : 'none'
  return drawn < shares.late + shares.delayed ? 'delayed' : 'none'
}

function restate(row: TidyRow): TidyRow {
  return { ...row, energy_wh: Math.round(row.energy_wh * 0.75), revision: 1 }
}

/** The second copy of a valid line is a duplicate; that of a malformed line is malformed too. */
function twice(injected: Injected): Injected {
  const { sent, doubled, malformed } = injected
  const good = sent - malformed
  return { ...injected, sent: 2 * sent, doubled: doubled + good, malformed: 2 * malformed }
}

type Reordering = Pick<DisturbParameters, 'countedMs'> & { readonly random: Random }

function reorder(deliveries: readonly Delivery[], reordering: Reordering): Delivery[] {
  const arriving: string[][] = deliveries.map(() => [])
  deliveries.forEach(({ lines }, slot) => {
    for (const line of lines) arriving[laterSlot(deliveries, slot, reordering)]!.push(line)
  })
  return deliveries.map(({ startMs }, slot) => {
    const lines = arriving[slot]!
    return { startMs, lines: shuffled([...lines, ...lines], reordering.random) }
  })
}

/** The slot itself or a random later one, before the next count. */
function laterSlot(
  deliveries: readonly Delivery[],
  slot: number,
  { countedMs, random }: Reordering,
): number {
  if (random.next() >= movedShare) return slot
  const wanted = Math.min(slot + 1 + random.below(movedSlotsMax), deliveries.length - 1)
  const { startMs } = deliveries[slot]!
  const isTooLate = ({ startMs: ms }: Delivery) =>
    countedMs.some((each) => startMs < each && each <= ms)
  let later = wanted
  while (isTooLate(deliveries[later]!)) later--
  return later
}
