-- Lists of meters that frames name by the id of their content instead of listing them: the API reads them. The
-- log has the meters themselves, so nothing that is in it depends on this table. `meters` are separated by spaces.
CREATE TABLE IF NOT EXISTS rosters (
  roster String,
  meters String,
  size UInt32,
  registered DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree ORDER BY roster
SETTINGS index_granularity = 64, fsync_after_insert = 1, fsync_part_directory = 1;
