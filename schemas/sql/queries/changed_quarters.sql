-- Quarters of an hour, by zone, with a version in the master data set from a log offset on;
-- midnight is on a quarter in every zone. One partition per query, so that the index is used.
SELECT m.zone AS zone, toFloat64(r.quarter_ms) AS quarter_ms
FROM (
  SELECT meter, intDiv(toUnixTimestamp64Milli(start), 900000) * 900000 AS quarter_ms
  FROM readings
  WHERE log_partition = {log_partition:UInt16}
    AND log_offset >= {log_offset:UInt64}
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  GROUP BY meter, quarter_ms
) AS r
INNER JOIN (SELECT meter, zone FROM meters FINAL) AS m ON m.meter = r.meter
GROUP BY zone, quarter_ms
ORDER BY zone, quarter_ms
