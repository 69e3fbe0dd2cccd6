import type { DrEvent } from '../../schemas/event.ts'
import type { LogPlaces } from '../../schemas/settlement.ts'
import { baselineRange, type Metered } from '../settlement/eventBaselines.ts'
import { leaveOutFormer } from '../settlement/leaveOutFormer.ts'
import { metersOf } from '../settlement/sumTerms.ts'
import type { ServingShell } from '../store/servingShell.ts'

type Reader = Pick<ServingShell, 'store'>

/** What baselines are computed from, as of places of the log. */
export async function readBefore(
  { store }: Reader,
  event: DrEvent,
  asOf: LogPlaces,
): Promise<Metered> {
  const { intervalS } = event
  const asked = { range: baselineRange(event), meters: metersOf(event), intervalS }
  return leaveOutFormer(event, await store.readings(asked, asOf))
}

/** The same to the event's end, also of its controls: what it is settled and verified from. */
export async function readUntilEnd(
  { store }: Reader,
  event: DrEvent,
  asOf: LogPlaces,
): Promise<Metered> {
  const { intervalS } = event
  const range = { startMs: baselineRange(event).startMs, endMs: event.endMs }
  const meters = [...metersOf(event), ...event.controls]
  return leaveOutFormer(event, await store.readings({ range, meters, intervalS }, asOf))
}
