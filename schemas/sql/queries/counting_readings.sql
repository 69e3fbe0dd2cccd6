-- The version that counts of each meter and interval: `compareVersions` of reading.ts in SQL.
-- A missing power ranks below every power, so it is compared as -inf.
SELECT
  meter,
  toFloat64(toUnixTimestamp64Milli(start)) AS start_ms,
  toFloat64(argMax(energy_mwh, (quality, revision, energy_mwh, ifNull(power_w, -inf), ifNull(reactive_var, -inf), duration_s))) AS energy_mwh,
  argMax(duration_s, (quality, revision, energy_mwh, ifNull(power_w, -inf), ifNull(reactive_var, -inf), duration_s)) AS duration_s,
  max(quality) AS quality
FROM readings
WHERE start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND (empty({meters:Array(String)}) OR meter IN {meters:Array(String)})
GROUP BY meter, start
ORDER BY meter, start
