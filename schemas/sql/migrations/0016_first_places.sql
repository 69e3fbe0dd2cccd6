-- What a fleet of a million meters and a year of history is asked for again and again, without a scan of either.

-- Where a replay starts: of each partition and quarter of an hour the first offset of a word that starts in it; the
-- smallest of several rows counts. Written before the words themselves, so that it is never later than they are.
CREATE TABLE IF NOT EXISTS first_places (
  log_partition UInt16,
  quarter DateTime64(3, 'UTC'),
  log_offset UInt64
) ENGINE = ReplacingMergeTree ORDER BY (log_partition, quarter, log_offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO first_places
SELECT r.log_partition, fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(r.start), 900000) * 900000, 'UTC') AS quarter, min(r.log_offset)
FROM readings AS r
GROUP BY r.log_partition, quarter;

-- What was enrolled since a version: its granules, and how many records each version has.
ALTER TABLE meters MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE meters ADD INDEX IF NOT EXISTS newer version TYPE minmax GRANULARITY 1;

ALTER TABLE meters MATERIALIZE INDEX newer;

ALTER TABLE meters ADD PROJECTION IF NOT EXISTS by_version (SELECT version, count() GROUP BY version);

ALTER TABLE meters MATERIALIZE PROJECTION by_version;

-- Exceptions are few: most granules have none.
ALTER TABLE speed_deviation ADD INDEX IF NOT EXISTS exceptional is_exception TYPE minmax GRANULARITY 1;

ALTER TABLE speed_deviation MATERIALIZE INDEX exceptional;

ALTER TABLE batch_deviation ADD INDEX IF NOT EXISTS exceptional is_exception TYPE minmax GRANULARITY 1;
