-- Batch rows of a generation before its high-water mark, speed rows from it on. `run` and `high_water_ms`
-- are the generation, which the engine reads first unless the reader has pinned one; before the first
-- generation both are zero: no batch row, and every speed row. No zone is more than 14 h off UTC, so
-- the local dates of a range lie within 14 h of it. `group_id` has the ids of all groups of the meter in
-- the interval, with spaces between. Earliest first, so that a limit cuts off the end.
-- `after` continues within the first instant, after the row of that meter.
SELECT
  meter,
  group_id,
  toFloat64(toUnixTimestamp64Milli(start)) AS start_ms,
  duration_s,
  toFloat64(energy_mwh) AS energy_mwh,
  toFloat64(baseline_mwh) AS baseline_mwh,
  ratio,
  deviation_w,
  z,
  rolling_wh,
  is_exception,
  origin
FROM (
  SELECT meter, group_id, start, duration_s, energy_mwh, baseline_mwh, ratio, deviation_w, z,
    rolling_wh, is_exception, 'batch' AS origin
  FROM batch_deviation
  WHERE day >= toDate(fromUnixTimestamp64Milli(greatest({from_ms:Int64} - 50400000, 0), 'UTC'))
    AND day <= toDate(fromUnixTimestamp64Milli(least({to_ms:Int64}, {high_water_ms:Int64}) + 50400000, 'UTC'))
    AND (day, run) IN (SELECT day, rows_run FROM manifest WHERE run = {run:UInt64})
    AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND start < fromUnixTimestamp64Milli(least({to_ms:Int64}, {high_water_ms:Int64}), 'UTC')
    AND ({meter:String} = '' OR meter = {meter:String})
    AND ({group:String} = '' OR has(splitByChar(' ', group_id), {group:String}))
  UNION ALL
  SELECT meter, group_id, start, duration_s, energy_mwh, baseline_mwh, ratio, deviation_w, z,
    rolling_wh, is_exception, 'speed' AS origin
  FROM speed_deviation FINAL
  WHERE NOT is_missing
    AND start >= fromUnixTimestamp64Milli(greatest({from_ms:Int64}, {high_water_ms:Int64}), 'UTC')
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND ({meter:String} = '' OR meter = {meter:String})
    AND ({group:String} = '' OR has(splitByChar(' ', group_id), {group:String}))
)
WHERE {after:String} = '' OR start > fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC') OR meter > {after:String}
ORDER BY start, meter
LIMIT {limit:UInt32}
