import type { Meter } from '../../meter/meter.ts'
import { address, emptyAsNull, meter, text, uint32, whole } from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'

const columns = {
  meter,
  zone: text,
  group_id: text,
  interval_s: uint32,
  account: emptyAsNull(address),
}

export const meterQueries = {
  /** Every enrolled meter, by id. */
  meters: defineQuery({ parameters: {}, columns, record: meterOf }),

  /** The same with versions: one answer, so that the largest one is that of these meters. */
  enrolments: defineQuery({
    parameters: {},
    columns: { ...columns, version: whole },
    record: ({ version, ...row }) => ({ meter: meterOf(row), version }),
  }),

  meter_versions: defineQuery({
    parameters: { version: 'UInt64' },
    columns: { meter, version: whole },
  }),
}

type MeterRow = Omit<Meter, 'group' | 'intervalS'> & {
  readonly group_id: string
  readonly interval_s: number
}

function meterOf({ group_id, interval_s, ...row }: MeterRow): Meter {
  return { ...row, group: group_id, intervalS: interval_s }
}
