-- Required before the first migration. Runs every time.

CREATE DATABASE IF NOT EXISTS wattproof ENGINE = Atomic;

-- `checksum` is the sha256 of the statements when they were applied.
CREATE TABLE IF NOT EXISTS wattproof.migrations (
  name String,
  checksum String,
  applied DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree ORDER BY name;
