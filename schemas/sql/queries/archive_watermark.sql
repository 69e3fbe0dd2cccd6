-- The latest interval end of a partition before a log position; no row if there is none.
SELECT toFloat64(max(toUnixTimestamp64Milli(start) + toInt64(duration_s) * 1000)) AS max_end_ms
FROM readings
WHERE log_partition = {log_partition:UInt16} AND log_offset < {log_offset:UInt64}
HAVING count() > 0
