-- Number of stored versions of some meters by UTC day, to bound the size of a read.
SELECT
  toFloat64(intDiv(toUnixTimestamp64Milli(start), 86400000) * 86400000) AS day_ms,
  toFloat64(count()) AS versions
FROM readings
WHERE meter IN {meters:Array(String)}
  AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
GROUP BY day_ms
ORDER BY day_ms
