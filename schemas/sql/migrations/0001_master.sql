-- Master data set and dead letters. A statement ends with a semicolon at the end of a line. It may
-- run twice (killed midway, or two at once), hence IF NOT EXISTS in each.

-- A meter without a site is one of its own; without a kind it is `import`. `groups` has its times in
-- each, as `schemas/meter/membership.ts` writes them: `north feeder:F1@0..86400000`. `steps` (JSON) ends
-- with `interval_s`; they are null while it never had another one.
CREATE TABLE IF NOT EXISTS meters (
  meter String,
  version UInt64,
  site Nullable(String),
  kind LowCardinality(Nullable(String)),
  zone LowCardinality(String),
  groups String,
  interval_s UInt32,
  account String,
  steps Nullable(String)
) ENGINE = ReplacingMergeTree(version) ORDER BY meter;

-- The group that a group is part of, from an instant on: a feeder's substation; '' ends it.
CREATE TABLE IF NOT EXISTS group_parents (
  group_id String,
  start DateTime64(3, 'UTC'),
  version UInt64,
  parent String
) ENGINE = ReplacingMergeTree(version) ORDER BY (group_id, start);

-- What is settled of a site in a programme, from an instant on: `terms` is `+M1 -M2`, empty where
-- the point before it ends. `hash` is that of the definition.
CREATE TABLE IF NOT EXISTS points (
  site String,
  start DateTime64(3, 'UTC'),
  version UInt64,
  programme String,
  terms String,
  hash String
) ENGINE = ReplacingMergeTree(version) ORDER BY (site, start);

-- Who a site is settled with, from an instant on; an empty account: nobody.
CREATE TABLE IF NOT EXISTS occupancies (
  site String,
  start DateTime64(3, 'UTC'),
  version UInt64,
  account String
) ENGINE = ReplacingMergeTree(version) ORDER BY (site, start);

-- Append-only: every word about every interval is a row, identified by its place in the log; a replay
-- writes the same row again and changes nothing. Which one counts: counting_readings.sql.
-- Small granules let a query of some weeks of a meter skip its other years; the index of log
-- positions finds what arrived after a generation.
CREATE TABLE IF NOT EXISTS readings (
  meter String,
  start DateTime64(3, 'UTC'),
  quality UInt8,
  standing UInt8,
  revision UInt32,
  said_at Nullable(DateTime64(3, 'UTC')),
  is_void Bool,
  source LowCardinality(String),
  ingest LowCardinality(String),
  logged DateTime64(3, 'UTC'),
  energy_mwh Int64,
  power_w Nullable(Float32),
  reactive_var Nullable(Float32),
  duration_s UInt32,
  log_partition UInt16,
  log_offset UInt64,
  log_index UInt32,
  INDEX log_place (log_partition, log_offset) TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree
ORDER BY (meter, start, log_partition, log_offset, log_index)
SETTINGS index_granularity = 1024;

-- What was decided about words: an ingest was withdrawn, or a source ranks so for intervals from an
-- instant on. Each is a record of every partition, and holds for the words of its own.
CREATE TABLE IF NOT EXISTS acts (
  log_partition UInt16,
  log_offset UInt64,
  logged DateTime64(3, 'UTC'),
  kind LowCardinality(String),
  ingest String,
  source String,
  from DateTime64(3, 'UTC'),
  rank Int64
) ENGINE = ReplacingMergeTree ORDER BY (log_partition, log_offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS rejected (
  reason LowCardinality(String),
  log_offset UInt64,
  detail String,
  source String,
  source_index UInt32,
  source_line UInt32,
  source_column String,
  source_value String,
  read_as String,
  received DateTime64(3, 'UTC'),
  original_base64 String
) ENGINE = ReplacingMergeTree ORDER BY (log_offset);

-- One row per log record and layer, so that writing it is idempotent.
CREATE TABLE IF NOT EXISTS ingest_counters (
  layer LowCardinality(String),
  topic LowCardinality(String),
  log_partition UInt16,
  log_offset UInt64,
  version UInt64,
  read UInt32,
  accepted UInt32,
  duplicate UInt32,
  rejected UInt32,
  late UInt32,
  corrected UInt32
) ENGINE = ReplacingMergeTree(version) ORDER BY (layer, topic, log_partition, log_offset);
