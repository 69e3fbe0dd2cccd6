-- Forecasts of a generation (`run`, see merged_deviation.sql) summed over a group ('' for all
-- meters) by its interval, as `schemas/deviation/sumGroup.ts` computes them. `flag` has those of any
-- member's forecast.
SELECT
  if(group_id = '', 'all', group_id) AS group_id,
  toFloat64(toUnixTimestamp64Milli(start)) AS start_ms,
  duration_s,
  members,
  toFloat64(forecast_mwh) AS forecast_mwh,
  model,
  flag
FROM batch_group_forecast AS f
WHERE run = {run:UInt64}
  AND f.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND f.start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND f.group_id = {group:String}
ORDER BY f.start
LIMIT {limit:UInt32}
