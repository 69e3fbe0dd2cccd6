-- Ingest counters by bucket of 4,096 offsets instead of by record: a row holds what a layer has counted of
-- the bucket from its first offset, log_offset, up to next_offset, and a longer prefix replaces it.
--
-- Existing rows are summed by bucket. Twice does what once does: a bucket's only row is its own sum.

ALTER TABLE ingest_counters ADD COLUMN IF NOT EXISTS next_offset UInt64 DEFAULT log_offset + 1;

CREATE OR REPLACE TABLE ingest_counters (
  layer LowCardinality(String),
  topic LowCardinality(String),
  log_partition UInt16,
  log_offset UInt64,
  next_offset UInt64,
  read UInt32,
  accepted UInt32,
  duplicate UInt32,
  rejected UInt32,
  late UInt32,
  corrected UInt32
) ENGINE = ReplacingMergeTree(next_offset) ORDER BY (layer, topic, log_partition, log_offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
AS SELECT b.layer, b.topic, b.log_partition, intDiv(b.log_offset, 4096) * 4096, max(b.next_offset),
  sum(b.read), sum(b.accepted), sum(b.duplicate), sum(b.rejected), sum(b.late), sum(b.corrected)
FROM ingest_counters AS b FINAL
GROUP BY b.layer, b.topic, b.log_partition, intDiv(b.log_offset, 4096);
