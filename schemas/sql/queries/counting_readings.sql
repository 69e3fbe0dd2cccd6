-- The current version of each meter and interval: `compareVersions` of reading/reading.ts in SQL.
-- A missing power ranks below every power, so it is compared as -inf.
SELECT
  r.meter AS meter,
  toFloat64(toUnixTimestamp64Milli(r.start)) AS start_ms,
  toFloat64(argMax(r.energy_mwh, (r.quality, r.revision, r.energy_mwh, ifNull(r.power_w, -inf), ifNull(r.reactive_var, -inf), r.duration_s))) AS energy_mwh,
  argMax(r.duration_s, (r.quality, r.revision, r.energy_mwh, ifNull(r.power_w, -inf), ifNull(r.reactive_var, -inf), r.duration_s)) AS duration_s,
  max(r.quality) AS quality
FROM readings AS r
WHERE r.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND r.start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND (empty({meters:Array(String)}) OR r.meter IN {meters:Array(String)})
GROUP BY r.meter, r.start
ORDER BY r.meter, r.start
