-- Batch view. A run writes the days it computed under its own number, then its manifest, then one
-- row of `generations`, which publishes it. Rows are inserted once: those of a failed run are
-- swept, and the next attempt has another number. Inserts are synced, as a day that does not change
-- is not computed again.

-- The deduplication window drops a second insert with the same token, so that only one of two
-- publishers of a generation succeeds. `stored` is the store's own clock, for the sweep.
CREATE TABLE IF NOT EXISTS generations (
  generation UInt64,
  run UInt64,
  high_water DateTime64(3, 'UTC'),
  horizon DateTime64(3, 'UTC'),
  model_id String,
  created DateTime64(3, 'UTC'),
  inputs String,
  stored DateTime DEFAULT now()
) ENGINE = MergeTree ORDER BY generation
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- The runs whose rows and sums a generation uses for each local day; complete, so that no other
-- generation is needed to read it. `since` is the earliest day that the day's baselines use.
CREATE TABLE IF NOT EXISTS manifest (
  run UInt64,
  day Date,
  rows_run UInt64,
  sums_run UInt64,
  since Date
) ENGINE = MergeTree PARTITION BY run ORDER BY day
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Closed days of a generation whose readings have changed since: what a recompute at the same
-- high-water mark has to do. `version` is the number of records looked at, over all partitions.
CREATE TABLE IF NOT EXISTS dirty_days (
  generation UInt64,
  version UInt64,
  days UInt32,
  meters UInt32,
  since DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree(version) ORDER BY generation
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- `day` is the site's local date, so that a day's rows are one partition in any zone. A query for
-- a range of time also filters by day: otherwise it would open every partition.
CREATE TABLE IF NOT EXISTS batch_deviation (
  day Date,
  run UInt64,
  meter String,
  start DateTime64(3, 'UTC') CODEC(DoubleDelta, LZ4),
  group_id LowCardinality(String),
  duration_s UInt32 CODEC(T64, LZ4),
  energy_mwh Int64 CODEC(T64, LZ4),
  baseline_mwh Nullable(Int64) CODEC(T64, LZ4),
  ratio Nullable(Float32),
  deviation_w Nullable(Float32),
  z Nullable(Float32),
  rolling_wh Nullable(Float32),
  is_exception Bool
) ENGINE = MergeTree PARTITION BY (day, run) ORDER BY (meter, start)
SETTINGS index_granularity = 1024, min_compress_block_size = 4096, fsync_after_insert = 1, fsync_part_directory = 1;

-- Sums over groups. `day` is the date of the interval's start in the zone of the high-water marks.
CREATE TABLE IF NOT EXISTS batch_group (
  day Date,
  run UInt64,
  group_id LowCardinality(String),
  start DateTime64(3, 'UTC') CODEC(DoubleDelta, LZ4),
  duration_s UInt32 CODEC(T64, LZ4),
  members UInt32 CODEC(T64, LZ4),
  load_w Float64,
  baseline_w Nullable(Float64),
  deviation_w Nullable(Float64)
) ENGINE = MergeTree PARTITION BY (day, run) ORDER BY (group_id, start)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1;

-- Baseline and standard deviation of the days ahead, by meter and interval, for the speed layer.
CREATE TABLE IF NOT EXISTS batch_baseline (
  run UInt64,
  meter String,
  start DateTime64(3, 'UTC'),
  duration_s UInt32,
  baseline_mwh Int64,
  sigma_w Float32
) ENGINE = MergeTree PARTITION BY run ORDER BY (meter, start)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS batch_forecast (
  run UInt64,
  meter String,
  start DateTime64(3, 'UTC'),
  duration_s UInt32,
  forecast_mwh Int64,
  model LowCardinality(String),
  flag LowCardinality(String)
) ENGINE = MergeTree PARTITION BY run ORDER BY (meter, start)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Forecasts summed over groups, by the group's interval; `group_id` is '' for all meters.
CREATE TABLE IF NOT EXISTS batch_group_forecast (
  run UInt64,
  group_id LowCardinality(String),
  start DateTime64(3, 'UTC'),
  duration_s UInt32,
  members UInt32,
  forecast_mwh Int64,
  model String,
  flag String
) ENGINE = MergeTree PARTITION BY run ORDER BY (group_id, start)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Speed view: `is_missing` says that an interval has no value any more. Version = generation in the high 24 bits, enrolment revision in the next 64, log offset
-- in the low 40.
CREATE TABLE IF NOT EXISTS speed_deviation (
  meter String,
  start DateTime64(3, 'UTC'),
  version UInt128,
  group_id LowCardinality(String),
  duration_s UInt32,
  energy_mwh Int64,
  baseline_mwh Nullable(Int64),
  ratio Nullable(Float32),
  deviation_w Nullable(Float32),
  z Nullable(Float32),
  rolling_wh Nullable(Float32),
  is_exception Bool,
  is_missing Bool
) ENGINE = ReplacingMergeTree(version) ORDER BY (meter, start);

-- A row with 0 members says that the group no longer has a sum starting at that time.
CREATE TABLE IF NOT EXISTS speed_group (
  group_id LowCardinality(String),
  start DateTime64(3, 'UTC'),
  version UInt128,
  duration_s UInt32,
  members UInt32,
  load_w Float64,
  baseline_w Nullable(Float64),
  deviation_w Nullable(Float64)
) ENGINE = ReplacingMergeTree(version) ORDER BY (group_id, start);

-- Progress of the speed layer in event time, by partition: version = generation in the high 24 bits,
-- log offset in the low 40. `held_from`: days that end by it were spilled; null when none was.
CREATE TABLE IF NOT EXISTS watermarks (
  log_partition UInt16,
  version UInt64,
  watermark DateTime64(3, 'UTC'),
  held_from Nullable(DateTime64(3, 'UTC'))
) ENGINE = ReplacingMergeTree(version) ORDER BY log_partition;

-- Progress of the archive by partition: how much of the log is in the master data set. A partition
-- without records has a row with the time since which it is awaited.
CREATE TABLE IF NOT EXISTS archive_progress (
  log_partition UInt16,
  next_offset UInt64,
  max_end Nullable(DateTime64(3, 'UTC')),
  read_at DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree(next_offset) ORDER BY log_partition;
