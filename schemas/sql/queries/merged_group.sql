-- Sums over the members of a group that have both a reading and a baseline, interval by interval:
-- added up from the batch rows before the high-water mark, the speed layer's own sums from it on.
-- `baseline_w` is the adjusted baseline: load less deviation.
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
  SELECT
    group_id,
    start,
    max(d.duration_s) AS duration_s,
    toUInt32(count()) AS members,
    sum(d.energy_mwh * 3.6 / d.duration_s) AS load_w,
    load_w - deviation_w AS baseline_w,
    sum(toFloat64(d.deviation_w)) AS deviation_w,
    'batch' AS origin
  FROM batch_deviation AS d FINAL
  WHERE generation = newest
    AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND start < least(fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC'), mark)
    AND ({group:String} = '' OR group_id = {group:String})
    AND isNotNull(d.deviation_w)
  GROUP BY group_id, start
  UNION ALL
  SELECT group_id, start, duration_s, members, load_w, baseline_w, deviation_w, 'speed' AS origin
  FROM speed_group FINAL
  WHERE start >= greatest(fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC'), mark)
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND ({group:String} = '' OR group_id = {group:String})
)
ORDER BY start, group_id
LIMIT {limit:UInt32}
