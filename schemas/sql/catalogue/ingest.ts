import { instantMs, nullable, oneOf, reason, text, uint16, uint32, whole } from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'

const deadLetter = {
  reason,
  log_offset: whole,
  detail: text,
  source: text,
  source_index: uint32,
  source_line: uint32,
  source_column: text,
  source_value: text,
  read_as: text,
  received_ms: instantMs,
  original_base64: text,
}

const counters = {
  read: whole,
  accepted: whole,
  duplicate: whole,
  rejected: whole,
  late: whole,
  corrected: whole,
}

/** Progress of ingestion: counters, watermarks, dead letters. */
export const ingestQueries = {
  ingest_counters: defineQuery({
    parameters: {},
    columns: {
      layer: oneOf(['speed', 'archive']),
      ...counters,
    },
  }),

  ingest_buckets: defineQuery({
    parameters: { layer: 'String' },
    columns: {
      topic: text,
      log_partition: uint16,
      from_offset: whole,
      next_offset: whole,
      ...counters,
    },
  }),

  watermarks: defineQuery({
    parameters: {},
    columns: {
      log_partition: uint16,
      watermark_ms: instantMs,
      /** Days that end by it were spilled by the speed layer. */
      held_from_ms: nullable(instantMs),
      /** The generation whose baselines the newest live rows are compared with. */
      generation: whole,
    },
  }),

  archive_progress: defineQuery({
    parameters: {},
    columns: {
      log_partition: uint16,
      next_offset: whole,
      max_end_ms: nullable(instantMs),
      read_ms: instantMs,
    },
  }),

  rejected: defineQuery({
    parameters: { reason: 'String', source: 'String', from_offset: 'UInt64', limit: 'UInt32' },
    columns: deadLetter,
  }),

  rejected_counts: defineQuery({
    parameters: {},
    columns: { reason, rejected: whole },
  }),

  view_rejected: defineQuery({
    parameters: {
      ...{ reason: 'String', source: 'String', from_ms: 'Int64', to_ms: 'Int64' },
      ...{ limit: 'UInt32', after: 'String' },
    },
    columns: deadLetter,
  }),
}
