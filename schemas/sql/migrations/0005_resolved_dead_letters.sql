-- Dead letters that were checked again and whose reading is in the log now: they wait no longer.

CREATE TABLE IF NOT EXISTS resolved_dead_letters (
  log_offset UInt64,
  taken DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree ORDER BY log_offset;
