-- Cumulative registers, as they were said: the energy of an interval is the difference of two. The words that
-- follow from them are records of the log; this is what the next request is differenced against. Which of several
-- for one instant counts: registers.sql. `version` is when it was taken, in microseconds since 1970; `rule` how it
-- is differenced (schemas/reading/register.ts), `step_s` the interval that it ends, 0 where nothing said it.
CREATE TABLE IF NOT EXISTS registers (
  meter String,
  source LowCardinality(String),
  at DateTime64(3, 'UTC'),
  version UInt64,
  ingest LowCardinality(String),
  value_mwh Int64,
  quality UInt8,
  standing UInt8,
  revision UInt32,
  said_at Nullable(DateTime64(3, 'UTC')),
  power_w Nullable(Float32),
  reactive_var Nullable(Float32),
  step_s UInt32,
  rule LowCardinality(String)
) ENGINE = ReplacingMergeTree ORDER BY (meter, source, at, version)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1;

-- A word of two registers rests on both of their ingests: it is said with an ingest of its own, which is
-- withdrawn when any of them is.
CREATE TABLE IF NOT EXISTS ingests_together (
  ingest String,
  together String
) ENGINE = ReplacingMergeTree ORDER BY (ingest, together)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Withdrawn ingests whose registers were taken out: what is left was said anew.
CREATE TABLE IF NOT EXISTS registers_withdrawn (
  ingest String,
  done DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree ORDER BY ingest
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
