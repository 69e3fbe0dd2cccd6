-- Resolved dead letters: checked again, with their reading now in the log.

CREATE TABLE IF NOT EXISTS resolved_dead_letters (
  log_offset UInt64,
  resolved DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree ORDER BY log_offset;
