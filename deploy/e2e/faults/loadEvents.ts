import { type EventState, eventStates } from '../../../schemas/event.ts'
import { eventId } from '../../../schemas/ids.ts'
import { type EpochMs, isoUtc, localToEpochMs } from '../../../schemas/time.ts'
import type { SettlementBody } from '../../../serving/shapes/settlement.ts'
import type { ApiClient } from '../../client/client.ts'
import { demoTerms } from '../../simulate/plan.ts'
import { meters, payees, zone } from './load.ts'

/** The evenings of a load on which there is an event, of its days from 0. */
const eventDays = [1, 3]
const dayMs = 86_400_000
const [startHour, endHour] = ['17:00', '19:00']

export type LoadEvent = { readonly id: string; readonly startMs: EpochMs; readonly endMs: EpochMs }

/** When the clock waits: all of before is acknowledged and read, and the event goes on. */
export type Moment = { readonly atMs: EpochMs; readonly event: string; readonly state: EventState }

export function eventsOf({ startMs }: { readonly startMs: EpochMs }): LoadEvent[] {
  return eventDays.map((day) => {
    const date = isoUtc(startMs + day * dayMs).slice(0, 10)
    const at = (hour: string) => localToEpochMs(`${date}T${hour}`, zone)
    return { id: eventId(`load-${date}`), startMs: at(startHour), endMs: at(endHour) }
  })
}

export async function announce(client: ApiClient, { id, startMs, endMs }: LoadEvent) {
  const [start, end] = [isoUtc(startMs), isoUtc(endMs)]
  const participants = meters.slice(0, payees).map(({ meter }) => meter)
  const controls = meters.slice(payees, 2 * payees).map(({ meter }) => meter)
  const dates = { excludedDates: [], holidays: [] }
  await client.post('/events', {
    id,
    start,
    end,
    terms: demoTerms,
    participants,
    controls,
    ...dates,
  })
}

/**
 * They are in order of time. At each the log has the same records in every run: those of which
 * baselines are committed, the live figure is kept and the event is settled.
 */
export function momentsOf(events: readonly LoadEvent[]): Moment[] {
  const { commitLeadS, latenessS } = demoTerms
  return events
    .flatMap(({ id: event, startMs, endMs }): Moment[] => {
      const settledMs = endMs + latenessS * 1000
      return [
        { event, atMs: startMs - commitLeadS * 1000, state: 'committed' },
        { event, atMs: startMs, state: 'running' },
        { event, atMs: endMs + 5_400_000, state: 'ended' },
        { event, atMs: settledMs, state: 'attested' },
        // An hour to object, and a half-hour to spare.
        { event, atMs: settledMs + 5_400_000, state: 'final' },
      ]
    })
    .sort((left, right) => left.atMs - right.atMs)
}

export function hasReached(state: EventState) {
  return (event: { readonly state: EventState }) =>
    eventStates.indexOf(event.state) >= eventStates.indexOf(state)
}

/** What must be the same whatever happened: the root, and what it stands for. */
export async function settlementOf(client: ApiClient, { id }: LoadEvent) {
  const { header, isFinal } = await client.get<SettlementBody>(`/events/${id}/settlement`)
  const { root, leafCount, totalPay, totalFee, baselinesRoot } = header
  return { id, isFinal, root, leafCount, totalPay, totalFee, baselinesRoot }
}
