-- Registered lists of meters, the latest first, without their meters.
SELECT
  r.roster AS roster,
  any(r.size) AS size,
  toFloat64(toUnixTimestamp64Milli(min(r.registered))) AS registered_ms
FROM rosters AS r
GROUP BY r.roster
ORDER BY registered_ms DESC, roster
LIMIT {limit:UInt32}
