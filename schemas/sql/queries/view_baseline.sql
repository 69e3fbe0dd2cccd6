-- Baselines of a generation (`run`, see merged_deviation.sql), before the same-day adjustment.
SELECT
  meter,
  toFloat64(toUnixTimestamp64Milli(b.start)) AS start_ms,
  duration_s,
  toFloat64(b.baseline_mwh) AS baseline_mwh,
  sigma_w
FROM batch_baseline AS b
WHERE run = {run:UInt64}
  AND b.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND b.start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND ({meter:String} = '' OR meter = {meter:String})
  AND ({group:String} = ''
    OR meter IN (SELECT meter FROM meters FINAL WHERE group_id = {group:String}))
ORDER BY b.start, meter
LIMIT {limit:UInt32}
