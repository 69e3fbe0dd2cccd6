import type { EventProgress } from '../../schemas/event.ts'
import type { Reconciliation } from '../api/shapes/events.ts'
import type { PublishedMember, PublishedPeriod } from '../settlement/published.ts'

export type ReconcileEventParameters = {
  readonly progress: EventProgress
  /** Null until the event was verified. */
  readonly published: PublishedPeriod | null
  /** Meters in the order of lines; null where they may not be named. */
  readonly meters: readonly string[] | null
}

/** What the speed layer showed when the event ended against what was settled, by member. */
export function reconcileEvent(parameters: ReconcileEventParameters): Reconciliation {
  const { progress, published, meters } = parameters
  const { orderedMwh, speedDeliveredMwh, deliveredMwh } = progress
  const members = (published?.members ?? []).map((member, index) => {
    const meter = meters?.[index]
    return { ...compareMember(member), ...(meter === undefined ? {} : { meter }) }
  })
  return {
    id: progress.event.id,
    orderedMwh,
    speedDeliveredMwh,
    deliveredMwh,
    differenceMwh: less(deliveredMwh, speedDeliveredMwh),
    sentence: explain(progress, members),
    members,
  }
}

function compareMember(member: PublishedMember): Reconciliation['members'][number] {
  const { pseudonym, line, speedDeliveredMwh } = member
  return {
    pseudonym,
    speedDeliveredMwh,
    deliveredMwh: line.delivered,
    differenceMwh: less(line.delivered, speedDeliveredMwh),
    missing: line.missing.length,
  }
}

function explain(
  { speedDeliveredMwh, deliveredMwh }: EventProgress,
  members: Reconciliation['members'],
): string {
  if (speedDeliveredMwh === null) return 'The event has not ended: there is no figure to compare.'
  if (deliveredMwh === null) {
    return 'The settled figure follows when late readings have had their time.'
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
