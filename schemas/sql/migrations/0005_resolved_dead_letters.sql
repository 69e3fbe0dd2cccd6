-- Resolved dead letters: they were checked again, and their reading is in the log now.

CREATE TABLE IF NOT EXISTS resolved_dead_letters (
  log_offset UInt64,
  taken DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree ORDER BY log_offset;
