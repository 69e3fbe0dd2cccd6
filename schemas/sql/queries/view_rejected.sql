-- Open dead letters with a reason and of a file ('' for all), by time of arrival, newest first.
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
  toFloat64(toUnixTimestamp64Milli(r.received)) AS received_ms,
  original_base64
FROM rejected AS r FINAL
WHERE ({reason:String} = '' OR reason = {reason:String})
  AND ({source:String} = '' OR source = {source:String})
  AND r.received >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND r.received < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND r.log_offset NOT IN (SELECT t.log_offset FROM resolved_dead_letters AS t)
  AND ({after:String} = '' OR r.log_offset < toUInt64OrZero({after:String}))
ORDER BY r.log_offset DESC
LIMIT {limit:UInt32}
