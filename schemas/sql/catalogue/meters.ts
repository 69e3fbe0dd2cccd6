import type { Meter } from '../../meter.ts'
import { address, emptyAsNull, meter, text, uint32, whole } from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'

export const meterQueries = {
  /** Every enrolled meter, by id. */
  meters: defineQuery({
    parameters: {},
    columns: {
      meter,
      zone: text,
      group_id: text,
      interval_s: uint32,
      account: emptyAsNull(address),
    },
    record: ({ group_id, interval_s, ...row }): Meter => {
      return { ...row, group: group_id, intervalS: interval_s }
    },
  }),

  meter_versions: defineQuery({
    parameters: { version: 'UInt64' },
    columns: { meter, version: whole },
  }),
}
