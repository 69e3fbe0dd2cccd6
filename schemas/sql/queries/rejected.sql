-- Open dead letters with a reason and of a file ('' for all), from a log offset on; the next page
-- starts after the last one.
SELECT
  reason,
  toFloat64(r.log_offset) AS log_offset,
  detail,
  source,
  source_index,
  source_line,
  source_column,
  source_value,
  read_as,
  toFloat64(toUnixTimestamp64Milli(received)) AS received_ms,
  original_base64
FROM rejected AS r FINAL
WHERE r.log_offset >= {from_offset:UInt64}
  AND ({reason:String} = '' OR reason = {reason:String})
  AND ({source:String} = '' OR source = {source:String})
  AND r.log_offset NOT IN (SELECT t.log_offset FROM resolved_dead_letters AS t)
ORDER BY r.log_offset
LIMIT {limit:UInt32}
