-- Number of stored versions by meter from an instant on, and in a range before it, to divide the work of
-- a recompute.
SELECT
  meter,
  toFloat64(countIf(start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC'))) AS versions,
  toFloat64(countIf(start < fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC'))) AS older
FROM readings
WHERE start >= fromUnixTimestamp64Milli({older_ms:Int64}, 'UTC')
  AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
GROUP BY meter
ORDER BY meter
