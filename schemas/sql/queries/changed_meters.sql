-- Enrolled meters of which the master data set got a version between two places in the log; see
-- changed_quarters.sql.
SELECT DISTINCT meter
FROM meters
WHERE meter IN (
  SELECT meter
  FROM readings
  WHERE log_partition = {log_partition:UInt16}
    AND log_offset >= {log_offset:UInt64}
    AND log_offset < {end_offset:UInt64}
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
)
ORDER BY meter
