-- Forecasts of the newest generation.
SELECT
  meter,
  toFloat64(toUnixTimestamp64Milli(start)) AS start_ms,
  duration_s,
  toFloat64(forecast_mwh) AS forecast_mwh,
  model,
  flag
FROM batch_forecast FINAL
WHERE generation = (SELECT max(generation) FROM generations)
  AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND ({meter:String} = '' OR meter = {meter:String})
  AND ({group:String} = ''
    OR meter IN (SELECT meter FROM meters FINAL WHERE group_id = {group:String}))
ORDER BY start, meter
LIMIT {limit:UInt32}
