import type { DrEvent, Participant } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { PublishedMember } from '../settlement/published.ts'
import type { SettlementRecord } from '../settlement/settlementRecord.ts'
import type { ComparedRow } from './sumRows.ts'

export type SettledRowsParameters = {
  readonly event: DrEvent
  readonly record: SettlementRecord
  /** Merged rows of the event's hours and around them. */
  readonly rows: readonly ComparedRow[]
}

/**
 * The rows of a comparison with the readings that were settled, of each member within the event.
 * What was read or corrected later is left out; around the event the merged rows stay.
 */
export function settledRows({ event, record, rows }: SettledRowsParameters): ComparedRow[] {
  const { startMs, endMs } = event
  const around = rows.filter((row) => row.startMs < startMs || row.startMs >= endMs)
  const origins = new Map(rows.map((row) => [`${row.startMs} ${row.meter}`, row.origin]))
  const participants = new Map(event.participants.map((each) => [each.meter, each]))
  const settled = record.published.members.flatMap((member, index) => {
    const participant = participants.get(record.members[index]?.meter as MeterId)
    if (participant === undefined) return []
    return metersOfLine(participant, member).flatMap(({ meter, readings }) =>
      readings.map((reading): ComparedRow => {
        const origin = origins.get(`${reading.startMs} ${meter}`) ?? 'batch'
        return { ...reading, meter, deviationW: null, origin }
      }),
    )
  })
  // A boundary may limit several points: its readings are the same in each.
  const byPlace = new Map(settled.map((row) => [`${row.startMs} ${row.meter}`, row]))
  return [...around, ...byPlace.values()].sort((left, right) => left.startMs - right.startMs)
}

/** The readings of a line by meter: of a point those of its terms and of its boundary. */
function metersOfLine({ meter, point }: Participant, member: PublishedMember) {
  if (!point || !member.point) return [{ meter, readings: member.readings }]
  const published = [...member.point.terms, ...member.point.boundary]
  return [...point.terms, ...point.boundary].map((term, at) => {
    return { meter: term.meter, readings: published[at]?.readings ?? [] }
  })
}
