-- The latest interval end of a partition before a log position, of the words that start from an instant
-- on; no row if there is none.
SELECT toFloat64(max(toUnixTimestamp64Milli(r.start) + toInt64(duration_s) * 1000)) AS max_end_ms
FROM readings AS r
WHERE r.log_partition = {log_partition:UInt16} AND r.log_offset < {log_offset:UInt64}
  AND r.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
HAVING count() > 0
