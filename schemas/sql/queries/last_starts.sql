-- By meter, the latest start of an interval that has a word, from an instant on; of some meters, or of
-- all. A meter without one is left out.
SELECT
  meter,
  toFloat64(max(toUnixTimestamp64Milli(r.start))) AS start_ms
FROM readings AS r
WHERE r.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND (empty({meters:Array(String)}) OR meter IN {meters:Array(String)})
GROUP BY meter
ORDER BY meter
