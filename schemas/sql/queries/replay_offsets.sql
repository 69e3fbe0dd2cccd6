-- The offset in each partition from which the speed layer must replay to process every reading from
-- an instant on. A partition without such readings has no row.
SELECT log_partition, toFloat64(min(log_offset)) AS log_offset
FROM readings
WHERE start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
GROUP BY log_partition
ORDER BY log_partition
