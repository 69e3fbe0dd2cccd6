-- Batch view: written whole under a generation; the newest row of `generations` is the pointer.

CREATE TABLE IF NOT EXISTS generations (
  generation UInt64,
  high_water DateTime64(3, 'UTC'),
  horizon DateTime64(3, 'UTC'),
  model_id String,
  created DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree ORDER BY generation;

CREATE TABLE IF NOT EXISTS batch_deviation (
  generation UInt64,
  meter String,
  start DateTime64(3, 'UTC'),
  group_id LowCardinality(String),
  duration_s UInt32,
  energy_mwh Int64,
  baseline_mwh Nullable(Int64),
  ratio Nullable(Float32),
  deviation_w Nullable(Float32),
  z Nullable(Float32),
  rolling_wh Nullable(Float32),
  is_exception Bool
) ENGINE = ReplacingMergeTree ORDER BY (generation, meter, start);

CREATE TABLE IF NOT EXISTS batch_group (
  generation UInt64,
  group_id LowCardinality(String),
  start DateTime64(3, 'UTC'),
  duration_s UInt32,
  members UInt32,
  load_w Float64,
  baseline_w Nullable(Float64),
  deviation_w Nullable(Float64)
) ENGINE = ReplacingMergeTree ORDER BY (generation, group_id, start);

-- The days ahead, for the speed layer: baseline and its spread, by meter and interval.
CREATE TABLE IF NOT EXISTS batch_baseline (
  generation UInt64,
  meter String,
  start DateTime64(3, 'UTC'),
  duration_s UInt32,
  baseline_mwh Int64,
  sigma_w Float32
) ENGINE = ReplacingMergeTree ORDER BY (generation, meter, start);

CREATE TABLE IF NOT EXISTS batch_forecast (
  generation UInt64,
  meter String,
  start DateTime64(3, 'UTC'),
  duration_s UInt32,
  forecast_mwh Int64,
  model LowCardinality(String),
  flag LowCardinality(String)
) ENGINE = ReplacingMergeTree ORDER BY (generation, meter, start);

-- Speed view: version = generation in the high 24 bits, log offset in the low 40.
CREATE TABLE IF NOT EXISTS speed_deviation (
  meter String,
  start DateTime64(3, 'UTC'),
  version UInt64,
  group_id LowCardinality(String),
  duration_s UInt32,
  energy_mwh Int64,
  baseline_mwh Nullable(Int64),
  ratio Nullable(Float32),
  deviation_w Nullable(Float32),
  z Nullable(Float32),
  rolling_wh Nullable(Float32),
  is_exception Bool
) ENGINE = ReplacingMergeTree(version) ORDER BY (meter, start);

CREATE TABLE IF NOT EXISTS speed_group (
  group_id LowCardinality(String),
  start DateTime64(3, 'UTC'),
  version UInt64,
  duration_s UInt32,
  members UInt32,
  load_w Float64,
  baseline_w Nullable(Float64),
  deviation_w Nullable(Float64)
) ENGINE = ReplacingMergeTree(version) ORDER BY (group_id, start);

-- How far the speed layer has come in event time, by partition.
CREATE TABLE IF NOT EXISTS watermarks (
  log_partition UInt16,
  version UInt64,
  watermark DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree(version) ORDER BY log_partition;

-- How far the archive has come, by partition: what of the log is in the master data set. A partition
-- that never held a record has a row from when it was first waited for.
CREATE TABLE IF NOT EXISTS archive_progress (
  log_partition UInt16,
  next_offset UInt64,
  max_end Nullable(DateTime64(3, 'UTC')),
  read_at DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree(next_offset) ORDER BY log_partition;
