-- The rows of some meters in the merged view (see merged_deviation.sql): all of a range.
SELECT
  meter,
  toFloat64(toUnixTimestamp64Milli(start)) AS start_ms,
  duration_s,
  toFloat64(energy_mwh) AS energy_mwh,
  deviation_w,
  origin
FROM (
  SELECT meter, start, duration_s, energy_mwh, deviation_w, 'batch' AS origin
  FROM batch_deviation
  WHERE day >= toDate(fromUnixTimestamp64Milli(greatest({from_ms:Int64} - 50400000, 0), 'UTC'))
    AND day <= toDate(fromUnixTimestamp64Milli(least({to_ms:Int64}, {high_water_ms:Int64}) + 50400000, 'UTC'))
    AND (day, run) IN (SELECT day, rows_run FROM manifest WHERE run = {run:UInt64})
    AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND start < fromUnixTimestamp64Milli(least({to_ms:Int64}, {high_water_ms:Int64}), 'UTC')
    AND meter IN {meters:Array(String)}
  UNION ALL
  SELECT meter, start, duration_s, energy_mwh, deviation_w, 'speed' AS origin
  FROM speed_deviation FINAL
  WHERE NOT is_missing
    AND start >= fromUnixTimestamp64Milli(greatest({from_ms:Int64}, {high_water_ms:Int64}), 'UTC')
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND meter IN {meters:Array(String)}
)
ORDER BY start, meter
