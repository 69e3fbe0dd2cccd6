-- Quarters of an hour, by zone, with a version of some meters (all if the list is empty) in the
-- master data set; see changed_quarters.sql.
SELECT m.zone AS zone, toFloat64(r.quarter_ms) AS quarter_ms
FROM (
  SELECT meter, intDiv(toUnixTimestamp64Milli(start), 900000) * 900000 AS quarter_ms
  FROM readings
  WHERE start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND (empty({meters:Array(String)}) OR meter IN {meters:Array(String)})
  GROUP BY meter, quarter_ms
) AS r
INNER JOIN (SELECT meter, zone FROM meters FINAL) AS m ON m.meter = r.meter
GROUP BY zone, quarter_ms
ORDER BY zone, quarter_ms
