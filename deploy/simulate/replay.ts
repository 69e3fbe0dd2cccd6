import { type EventState, eventStates } from '../../schemas/event.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { ApiClient } from '../client/client.ts'
import type { Delivery } from './disturb.ts'
import type { Driver, DriverStatus } from './driver.ts'
import type { London } from './london.ts'
import { demoHolidays, demoTerms, type PlannedEvent } from './plan.ts'

const dayMs = 86_400_000
const stepMs = 1_800_000

export type Replay = {
  readonly client: ApiClient
  readonly driver: Driver
  readonly london: London
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

/** Plays the day of an event half-hour by half-hour, to the claims that are paid. */
export async function replayEventDay(
  replay: Replay,
  event: PlannedEvent,
  pace: (delivery: Delivery) => Promise<void>,
): Promise<void> {
  const { driver, client, deliveries } = replay
  const moments = momentsOf(event)
  for (let startMs = event.dayStartMs; startMs < doneMsOf(event); startMs += stepMs) {
    const now = startMs + stepMs
    for (const moment of moments) {
      if (moment.atMs > startMs && moment.atMs <= now) {
        await driver.caughtUp()
        await driver.clockTo(moment.atMs)
        await driver.until(`/events/${event.id}`, hasReached(moment.state), moment.state)
        if (moment.isOnChain) await replay.chainDurable()
      }
    }
    await driver.clockTo(now)
    for (const delivery of deliveries.filter((each) => each.startMs === startMs)) {
      await driver.deliver(delivery, `slot-${startMs}-${deliveries.indexOf(delivery)}`)
      await pace(delivery)
    }
  }
  await driver.until(`/events/${event.id}`, hasReached('final'), 'the settlement to be final')
  await client.post(`/events/${event.id}/claims`, {})
  await driver.until(`/events/${event.id}`, hasReached('paid'), 'every claim to be paid')
  await replay.chainDurable()
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
  const committedMs = event.startMs - demoTerms.commitLeadS * 1000
  const verifiedMs = event.endMs + demoTerms.latenessS * 1000
  return [
    { atMs: committedMs, state: 'committed', isOnChain: true },
    { atMs: event.startMs, state: 'running', isOnChain: false },
    { atMs: event.endMs + 5_400_000, state: 'ended', isOnChain: false },
    { atMs: verifiedMs, state: 'attested', isOnChain: true },
    { atMs: verifiedMs + 2 * 3_600_000, state: 'final', isOnChain: true },
  ] as const
}

function hasReached(state: EventState) {
  return (event: { state: EventState }) =>
    eventStates.indexOf(event.state) >= eventStates.indexOf(state)
}

/**
 * Announces an event for all homes on the dynamic tariff, with those on the flat tariff as control
 * group.
 */
export async function announce(replay: Replay, event: PlannedEvent): Promise<void> {
  const { london, client } = replay
  await client.post('/events', {
    id: event.id,
    terms: demoTerms,
    start: new Date(event.startMs).toISOString(),
    end: new Date(event.endMs).toISOString(),
    participants: london.dynamic,
    controls: london.flat,
    excludedDates: london.calledDates,
    holidays: demoHolidays,
  })
}
