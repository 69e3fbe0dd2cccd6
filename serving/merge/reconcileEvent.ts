import type { EventProgress } from '../../schemas/event.ts'
import type { SettlementRecord } from '../settlement/settlementRecord.ts'
import type { Reconciliation } from '../shapes/events.ts'
import { isOpenSum } from './isOpenSum.ts'

export type ReconcileEventParameters = {
  readonly progress: EventProgress
  /** Null until the event was verified. */
  readonly record: Pick<SettlementRecord, 'published' | 'members'> | null
  /** True if single members, and figures of few meters, may be shown. */
  readonly isTrusted: boolean
}

type Members = NonNullable<Reconciliation['members']>

/** The speed layer's figure at the end of the event against the settled one, by member. */
export function reconcileEvent(parameters: ReconcileEventParameters): Reconciliation {
  const { progress, record, isTrusted } = parameters
  const { event, orderedMwh, speedDeliveredMwh, deliveredMwh } = progress
  if (!isTrusted && !isOpenSum(event.participants.length)) return withhold(progress)
  const members = record ? compareMembers(record) : []
  return {
    id: event.id,
    orderedMwh,
    speedDeliveredMwh,
    deliveredMwh,
    differenceMwh: less(deliveredMwh, speedDeliveredMwh),
    sentence: explain(progress, members),
    ...(isTrusted ? { members } : {}),
  }
}

function withhold({ event }: EventProgress): Reconciliation {
  return {
    id: event.id,
    orderedMwh: null,
    speedDeliveredMwh: null,
    deliveredMwh: null,
    differenceMwh: null,
    sentence:
      'So few meters take part that a sum reveals a single one: the figures need the token.',
  }
}

function compareMembers({
  published,
  members,
}: Pick<SettlementRecord, 'published' | 'members'>): Members {
  return published.members.map(({ pseudonym, line, speedDeliveredMwh }, index) => ({
    meter: members[index]!.meter,
    pseudonym,
    speedDeliveredMwh,
    deliveredMwh: line.delivered,
    differenceMwh: less(line.delivered, speedDeliveredMwh),
    missing: line.missing.length,
  }))
}

function explain({ speedDeliveredMwh, deliveredMwh }: EventProgress, members: Members): string {
  if (speedDeliveredMwh === null) return 'The event has not ended: there is no figure to compare.'
  if (deliveredMwh === null) {
    return 'The settled figure follows once late readings are no longer accepted.'
  }
  const unseen = members.filter((each) => each.speedDeliveredMwh === null).length
  const changed = members.filter(
    (each) => each.differenceMwh !== null && each.differenceMwh !== 0,
  ).length
  const missing = members.filter((each) => each.missing > 0).length
  return (
    `${changed} of ${members.length} members differ: both figures take the baselines committed ` +
    'before the start, and the settled one has the readings that came late or were corrected ' +
    `after the end. ${unseen} had no live figure; ${missing} miss readings.`
  )
}

function less(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left - right
}
