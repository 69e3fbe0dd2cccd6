-- The speed view by time: a question about the present costs the same however long the history is, and
-- months that are published are dropped whole. Months, since a year of history may come meter by meter, and
-- each insert makes a part of every partition that it touches.
--
-- A table is replaced in one step by its own rows, so that twice does what once does. Rows below the
-- published high-water mark are nobody's; two days of them are kept, as by the sweep.

CREATE OR REPLACE TABLE speed_deviation (
  meter String,
  start DateTime64(3, 'UTC') CODEC(DoubleDelta, LZ4),
  version UInt128,
  group_id LowCardinality(String),
  duration_s UInt32 CODEC(T64, LZ4),
  energy_mwh Int64 CODEC(T64, LZ4),
  baseline_mwh Nullable(Int64) CODEC(T64, LZ4),
  ratio Nullable(Float32),
  deviation_w Nullable(Float32),
  z Nullable(Float32),
  rolling_wh Nullable(Float32),
  is_exception Bool,
  is_missing Bool
) ENGINE = ReplacingMergeTree(version) PARTITION BY toYYYYMM(start) ORDER BY (start, meter)
SETTINGS index_granularity = 1024
AS SELECT meter, start, version, group_id, duration_s, energy_mwh, baseline_mwh, ratio, deviation_w, z,
  rolling_wh, is_exception, is_missing
FROM speed_deviation
WHERE start >= (SELECT max(high_water) - INTERVAL 2 DAY FROM generations);

CREATE OR REPLACE TABLE speed_group (
  group_id LowCardinality(String),
  start DateTime64(3, 'UTC') CODEC(DoubleDelta, LZ4),
  version UInt128,
  duration_s UInt32 CODEC(T64, LZ4),
  members UInt32 CODEC(T64, LZ4),
  load_w Float64,
  baseline_w Nullable(Float64),
  deviation_w Nullable(Float64)
) ENGINE = ReplacingMergeTree(version) PARTITION BY toYYYYMM(start) ORDER BY (start, group_id)
SETTINGS index_granularity = 1024
AS SELECT group_id, start, version, duration_s, members, load_w, baseline_w, deviation_w
FROM speed_group
WHERE start >= (SELECT max(high_water) - INTERVAL 2 DAY FROM generations);
