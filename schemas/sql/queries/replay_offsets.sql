-- The offset in each partition from which the speed layer must replay to process every reading from
-- an instant on, to the quarter of an hour. A partition without such readings has no row.
SELECT log_partition, toFloat64(min(p.log_offset)) AS log_offset
FROM first_places AS p
WHERE p.quarter >= fromUnixTimestamp64Milli(intDiv({from_ms:Int64}, 900000) * 900000, 'UTC')
GROUP BY log_partition
ORDER BY log_partition
