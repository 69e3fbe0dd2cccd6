-- Forecasts of a generation (`run`, see merged_deviation.sql).
SELECT
  meter,
  toFloat64(toUnixTimestamp64Milli(start)) AS start_ms,
  duration_s,
  toFloat64(forecast_mwh) AS forecast_mwh,
  model,
  flag
FROM batch_forecast
WHERE run = {run:UInt64}
  AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND ({meter:String} = '' OR meter = {meter:String})
  AND ({group:String} = ''
    OR meter IN (SELECT meter FROM meters FINAL WHERE group_id = {group:String}))
ORDER BY start, meter
LIMIT {limit:UInt32}
