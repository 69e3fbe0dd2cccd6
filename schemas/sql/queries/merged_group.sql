-- Sums over a group, interval by interval, as `schemas/deviation/sumGroup.ts` makes them: the batch
-- layer's where the interval ended by the high-water mark, the speed layer's from there on.
WITH
  (SELECT max(generation) FROM generations) AS newest,
  (SELECT argMax(high_water, generation) FROM generations) AS mark
SELECT
  group_id,
  toFloat64(toUnixTimestamp64Milli(start)) AS start_ms,
  duration_s,
  members,
  load_w,
  baseline_w,
  deviation_w,
  origin
FROM (
  SELECT group_id, start, duration_s, members, load_w, baseline_w, deviation_w, 'batch' AS origin
  FROM batch_group FINAL
  WHERE generation = newest
    AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND start + toIntervalSecond(duration_s) <= mark
    AND ({group:String} = '' OR group_id = {group:String})
  UNION ALL
  SELECT group_id, start, duration_s, members, load_w, baseline_w, deviation_w, 'speed' AS origin
  FROM speed_group FINAL
  WHERE start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND start + toIntervalSecond(duration_s) > mark
    AND ({group:String} = '' OR group_id = {group:String})
)
ORDER BY start, group_id
LIMIT {limit:UInt32}
