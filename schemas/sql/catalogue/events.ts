import { eventStates } from '../../event.ts'
import { energy, eventId, instantMs, nullable, oneOf, text, whole } from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'

export const eventQueries = {
  event_records: defineQuery({
    parameters: { events: 'Array(String)', after: 'String', limit: 'UInt32' },
    columns: { event_id: eventId, row_version: whole, body: text },
  }),

  event_committed_inputs: defineQuery({
    parameters: { event_id: 'String' },
    columns: { version: whole, body: text },
  }),

  view_events: defineQuery({
    parameters: {
      ...{ event: 'String', from_ms: 'Int64', to_ms: 'Int64', limit: 'UInt32', after: 'String' },
    },
    columns: {
      event_id: eventId,
      row_version: whole,
      state: oneOf(eventStates),
      start_ms: instantMs,
      end_ms: instantMs,
      ordered_mwh: nullable(energy),
      speed_delivered_mwh: nullable(energy),
      delivered_mwh: nullable(energy),
      deficiency_mwh: nullable(energy),
    },
  }),
}
