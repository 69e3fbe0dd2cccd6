-- Quarters of an hour, by zone, of which the master data set got a version between two places in the
-- log; midnight is at a quarter in every zone. One partition each, so that the index of places is used.
-- The zone is joined before grouping: groups are quarters of few zones, not of every meter; of the enrolled
-- meters only those that have such a version are read.
SELECT m.zone AS zone, toFloat64(quarter) AS quarter_ms
FROM (
  SELECT meter, intDiv(toUnixTimestamp64Milli(start), 900000) * 900000 AS quarter
  FROM readings
  WHERE log_partition = {log_partition:UInt16}
    AND log_offset >= {log_offset:UInt64}
    AND log_offset < {end_offset:UInt64}
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
) AS r
INNER JOIN (
  SELECT meter, zone FROM meters FINAL
  WHERE meter IN (
    SELECT meter
    FROM readings
    WHERE log_partition = {log_partition:UInt16}
      AND log_offset >= {log_offset:UInt64}
      AND log_offset < {end_offset:UInt64}
      AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  )
) AS m ON m.meter = r.meter
GROUP BY zone, quarter
ORDER BY zone, quarter
