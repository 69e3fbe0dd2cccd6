-- Quarters of an hour, by zone, of which the master data set has a version, of some meters (none named:
-- of all); see changed_quarters.sql.
SELECT m.zone AS zone, toFloat64(quarter) AS quarter_ms
FROM (
  SELECT meter, intDiv(toUnixTimestamp64Milli(start), 900000) * 900000 AS quarter
  FROM readings
  WHERE start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND (empty({meters:Array(String)}) OR meter IN {meters:Array(String)})
) AS r
INNER JOIN (
  SELECT meter, zone FROM meters FINAL
  WHERE empty({meters:Array(String)}) OR meter IN {meters:Array(String)}
) AS m ON m.meter = r.meter
GROUP BY zone, quarter
ORDER BY zone, quarter
