import { setTimeout as sleep } from 'node:timers/promises'
import { type EventState, eventStates } from '../../schemas/event.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { ApiClient } from '../client/client.ts'
import type { Delivery } from './disturb.ts'
import type { Driver, DriverStatus } from './driver.ts'
import type { Fontana } from './fontana.ts'
import type { London } from './london.ts'
import {
  demoHolidays,
  demoTerms,
  type PlannedEvent,
  plannedEvents,
  solarEvent,
  solarHolidays,
  solarTerms,
} from './plan.ts'

const dayMs = 86_400_000
const stepMs = 1_800_000

export type Replay = {
  readonly client: ApiClient
  readonly driver: Driver
  readonly london: London
  readonly fontana: Fontana
  readonly deliveries: readonly Delivery[]
  /** Waits until the embedded chain's state is on disk: a kill may lose its last second. */
  chainDurable(): Promise<void>
  say(line: string): void
}

/** Sends whole days as fast as they are accepted, like the import of an archive. */
export async function replayHistory(
  replay: Replay,
  range: { fromMs: EpochMs; toMs: EpochMs },
): Promise<void> {
  const { driver, deliveries } = replay
  const within = deliveries.filter(({ startMs }) => {
    return startMs >= range.fromMs && startMs < range.toMs
  })
  for (let at = 0; at < within.length; ) {
    const day = Math.floor(within[at]!.startMs / dayMs)
    const end = within.findIndex(({ startMs }) => Math.floor(startMs / dayMs) > day)
    const ofDay = within.slice(at, end < 0 ? undefined : end)
    const lines = ofDay.flatMap((each) => each.lines)
    await driver.deliver({ startMs: ofDay[0]!.startMs, lines }, `day-${day}`)
    at += ofDay.length
  }
  await driver.caughtUp()
}

type JobsAnswer = { readonly jobs: readonly { id: string; state: string }[] }

/** Trains, then publishes baselines and forecasts from `highWaterMs` on. */
export async function runBatchAt(replay: Replay, highWaterMs: EpochMs): Promise<void> {
  const highWater = new Date(highWaterMs).toISOString()
  const { id } = await replay.client.post<{ id: string }>('/jobs', { name: 'train', highWater })
  const isTrained = ({ jobs }: JobsAnswer) =>
    jobs.some((job) => job.id === id && (job.state === 'completed' || job.state === 'failed'))
  await replay.driver.until('/jobs', isTrained, `the training up to ${highWater}`)
  await replay.client.post('/jobs', { name: 'recompute', highWater })
  await replay.driver.until<DriverStatus>(
    '/status',
    ({ generation }) => generation !== null && generation.highWater >= highWater,
    `the batch generation of ${highWater}`,
  )
}

/** Plays the day of the first event half-hour by half-hour, until all of the events are paid. */
export async function replayEventDay(
  replay: Replay,
  events: readonly PlannedEvent[],
  pace: (delivery: Delivery) => Promise<void>,
): Promise<void> {
  const { driver, client, deliveries } = replay
  const moments = events
    .flatMap((event) => momentsOf(event).map((moment) => ({ ...moment, id: event.id })))
    .sort((left, right) => left.atMs - right.atMs)
  const [main] = events
  for (let startMs = main!.dayStartMs; startMs < doneMsOf(main!); startMs += stepMs) {
    const now = startMs + stepMs
    for (const moment of moments) {
      if (moment.atMs > startMs && moment.atMs <= now) {
        await driver.caughtUp()
        await driver.clockTo(moment.atMs)
        await driver.until(`/events/${moment.id}`, hasReached(moment.state), moment.state)
        if (moment.isOnChain) await replay.chainDurable()
      }
    }
    await driver.clockTo(now)
    for (const delivery of deliveries.filter((each) => each.startMs === startMs)) {
      await driver.deliver(delivery, `slot-${startMs}-${deliveries.indexOf(delivery)}`)
      await pace(delivery)
    }
  }
  for (const { id } of events) {
    await driver.until(`/events/${id}`, hasReached('final'), 'the settlement to be final')
    await client.post(`/events/${id}/claims`, {})
    await driver.until(`/events/${id}`, hasReached('paid'), 'every claim to be paid')
  }
  await replay.chainDurable()
}

/** Sends what comes after the last event, as far as the clock went, or at `pauseMs` a half-hour. */
export async function playOn(
  { driver, london, fontana }: Replay,
  options: { toMs: EpochMs; pauseMs: number; signal: AbortSignal },
): Promise<void> {
  const { toMs, pauseMs, signal } = options
  const fromMs = doneMsOf(plannedEvents.at(-1)!)
  for (const { startMs, rows } of london.slots) {
    const endMs = startMs + stepMs
    if (startMs < fromMs || endMs > toMs) continue
    if (signal.aborted) return
    await driver.clockTo(endMs)
    const solar = fontana.linesAt.get(endMs) ?? []
    const lines = [...rows.map((row) => JSON.stringify(row)), ...solar]
    await driver.deliver({ startMs, lines }, `live-${startMs}`)
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal }).catch(() => {})
  }
}

/** Where the day of an event ends in the replay: the first half-hour not played. */
export function doneMsOf(event: PlannedEvent): EpochMs {
  return event.endMs + (demoTerms.latenessS + 3 * 3_600) * 1000
}

/**
 * Times of the deliveries that are too late for a count before them: training, the committed
 * baselines, the live figure, the settlement.
 */
export function countedMsOf(event: PlannedEvent): EpochMs[] {
  const moments = momentsOf(event).filter(({ state }) => state !== 'running' && state !== 'final')
  const firstAfter = (ms: EpochMs) => Math.ceil(ms / stepMs) * stepMs - stepMs
  return [event.dayStartMs, ...moments.map(({ atMs }) => firstAfter(atMs))]
}

/** What must have happened before the clock may pass each moment. */
function momentsOf(event: PlannedEvent) {
  const { commitLeadS, latenessS } = event.id === solarEvent.id ? solarTerms : demoTerms
  const verifiedMs = event.endMs + latenessS * 1000
  return [
    { atMs: event.startMs - commitLeadS * 1000, state: 'committed', isOnChain: true },
    { atMs: event.startMs, state: 'running', isOnChain: false },
    { atMs: event.endMs + 5_400_000, state: 'ended', isOnChain: false },
    { atMs: verifiedMs, state: 'attested', isOnChain: true },
    // An hour to object, and a half-hour to spare.
    { atMs: verifiedMs + 5_400_000, state: 'final', isOnChain: true },
  ] as const
}

function hasReached(state: EventState) {
  return (event: { state: EventState }) =>
    eventStates.indexOf(event.state) >= eventStates.indexOf(state)
}

export async function announce({ client, ...of }: Replay, event: PlannedEvent): Promise<void> {
  const start = new Date(event.startMs).toISOString()
  const end = new Date(event.endMs).toISOString()
  await client.post('/events', { id: event.id, start, end, ...draftOf(event, of) })
}

/**
 * An event of London is for all homes on the dynamic tariff, with those on the flat tariff as
 * control group; the solar event is for the net meters of the homes with PV.
 */
function draftOf(event: PlannedEvent, { london, fontana }: Pick<Replay, 'london' | 'fontana'>) {
  if (event.id === solarEvent.id) {
    const participants = fontana.sites.map(({ net }) => net)
    return { terms: solarTerms, participants, holidays: solarHolidays }
  }
  return {
    terms: demoTerms,
    participants: london.dynamic,
    controls: london.flat,
    excludedDates: london.calledDates,
    holidays: demoHolidays,
  }
}
