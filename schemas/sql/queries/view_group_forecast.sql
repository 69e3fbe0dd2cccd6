-- Forecasts of a generation (`run`, see merged_deviation.sql) summed over a group's members ('' for
-- all meters), by interval. `flags` are those of any member's forecast.
SELECT
  if({group:String} = '', 'all', {group:String}) AS group_id,
  toFloat64(toUnixTimestamp64Milli(f.start)) AS start_ms,
  max(f.duration_s) AS duration_s,
  toUInt32(count()) AS members,
  toFloat64(sum(f.forecast_mwh)) AS forecast_mwh,
  arrayStringConcat(arraySort(groupUniqArray(f.model)), ', ') AS model,
  arrayStringConcat(arraySort(groupUniqArrayIf(f.flag, f.flag != '')), ', ') AS flag
FROM batch_forecast AS f
WHERE run = {run:UInt64}
  AND f.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND f.start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND ({group:String} = ''
    OR meter IN (SELECT meter FROM meters FINAL WHERE group_id = {group:String}))
GROUP BY f.start
ORDER BY f.start
LIMIT {limit:UInt32}
