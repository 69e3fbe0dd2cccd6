-- Quarters of an hour, by zone, about whose words something was decided between two places in the
-- log; see changed_quarters.sql.
SELECT m.zone AS zone, toFloat64(quarter) AS quarter_ms
FROM (
  SELECT meter, intDiv(toUnixTimestamp64Milli(start), 900000) * 900000 AS quarter
  FROM readings
  WHERE (
      SELECT count() FROM acts AS a
      WHERE a.log_partition = {log_partition:UInt16}
        AND a.log_offset >= {log_offset:UInt64} AND a.log_offset < {end_offset:UInt64}
    ) > 0
    AND log_partition = {log_partition:UInt16}
    AND log_offset < {end_offset:UInt64}
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND (
      ingest IN (
        SELECT a.ingest FROM acts AS a
        WHERE a.kind = 'withdrawal' AND a.log_partition = {log_partition:UInt16}
          AND a.log_offset >= {log_offset:UInt64} AND a.log_offset < {end_offset:UInt64}
      )
      OR source IN (
        SELECT a.source FROM acts AS a
        WHERE a.kind = 'rank' AND a.log_partition = {log_partition:UInt16}
          AND a.log_offset >= {log_offset:UInt64} AND a.log_offset < {end_offset:UInt64}
      )
    )
) AS r
INNER JOIN (
  SELECT meter, zone FROM meters FINAL
  WHERE (
      SELECT count() FROM acts AS a
      WHERE a.log_partition = {log_partition:UInt16}
        AND a.log_offset >= {log_offset:UInt64} AND a.log_offset < {end_offset:UInt64}
    ) > 0
) AS m ON m.meter = r.meter
GROUP BY zone, quarter
ORDER BY zone, quarter
