-- Where the speed layer has to start again in each partition to see every reading from an instant
-- on. A partition without one has no row.
SELECT log_partition, toFloat64(min(log_offset)) AS log_offset
FROM readings
WHERE start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
GROUP BY log_partition
ORDER BY log_partition
