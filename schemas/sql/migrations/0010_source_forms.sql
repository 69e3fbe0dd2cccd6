-- Whether each named source says when it said a reading (`said_at`): always or never, as of the first reading
-- that was taken of it. The earliest row of a source counts.

CREATE TABLE IF NOT EXISTS source_forms (
  source String,
  says_when Bool,
  since DateTime64(3, 'UTC')
) ENGINE = MergeTree ORDER BY (source, since)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
