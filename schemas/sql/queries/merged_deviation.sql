-- Batch rows of the newest generation before its high-water mark, speed rows from it on. Before
-- the first generation both subqueries give zero: no batch row, and every speed row.
-- Earliest first, so that a limit cuts off the end of the range.
WITH
  (SELECT max(generation) FROM generations) AS newest,
  (SELECT argMax(high_water, generation) FROM generations) AS mark
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
  FROM batch_deviation FINAL
  WHERE generation = newest
    AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND start < least(fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC'), mark)
    AND ({meter:String} = '' OR meter = {meter:String})
    AND ({group:String} = '' OR group_id = {group:String})
  UNION ALL
  SELECT meter, group_id, start, duration_s, energy_mwh, baseline_mwh, ratio, deviation_w, z,
    rolling_wh, is_exception, 'speed' AS origin
  FROM speed_deviation FINAL
  WHERE start >= greatest(fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC'), mark)
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND ({meter:String} = '' OR meter = {meter:String})
    AND ({group:String} = '' OR group_id = {group:String})
)
ORDER BY start, meter
LIMIT {limit:UInt32}
