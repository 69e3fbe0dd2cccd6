import type { DrEvent } from '../../schemas/event.ts'
import type { SettlementRecord } from '../settlement/settlementRecord.ts'
import type { ComparedRow } from './compareEvent.ts'

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
  const settled = record.published.members.flatMap(({ readings }, index) => {
    const meter = record.members[index]?.meter
    if (meter === undefined) return []
    return readings.map((reading): ComparedRow => {
      const origin = origins.get(`${reading.startMs} ${meter}`) ?? 'batch'
      return { ...reading, meter, deviationW: null, origin }
    })
  })
  return [...around, ...settled].sort((left, right) => left.startMs - right.startMs)
}
