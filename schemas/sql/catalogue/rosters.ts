import { instantMs, text, uint32, whole } from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'

/** Lists of meters that frames name by an id. */
export const rosterQueries = {
  rosters: defineQuery({
    parameters: { limit: 'UInt32' },
    columns: { roster: text, size: uint32, registered_ms: instantMs },
  }),

  roster_meters: defineQuery({
    parameters: { rosters: 'Array(String)' },
    columns: { roster: text, meters: text },
  }),

  roster_totals: defineQuery({ parameters: {}, columns: { rosters: whole, meters: whole } }),
}
