-- Sums over a group by interval, as `schemas/deviation/sumGroup.ts` computes them: the batch
-- layer's for intervals that end by the high-water mark, the speed layer's for later ones; one
-- without members is void. For the generation see merged_deviation.sql.
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
  FROM batch_group
  WHERE day >= toDate(fromUnixTimestamp64Milli(greatest({from_ms:Int64} - 50400000, 0), 'UTC'))
    AND day <= toDate(fromUnixTimestamp64Milli(least({to_ms:Int64}, {high_water_ms:Int64}) + 50400000, 'UTC'))
    AND (day, run) IN (SELECT day, sums_run FROM manifest WHERE run = {run:UInt64})
    AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND start + toIntervalSecond(duration_s) <= fromUnixTimestamp64Milli({high_water_ms:Int64}, 'UTC')
    AND ({group:String} = '' OR group_id = {group:String})
  UNION ALL
  SELECT group_id, start, duration_s, members, load_w, baseline_w, deviation_w, 'speed' AS origin
  FROM speed_group FINAL
  WHERE start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND start + toIntervalSecond(duration_s) > fromUnixTimestamp64Milli({high_water_ms:Int64}, 'UTC')
    AND members > 0
    AND ({group:String} = '' OR group_id = {group:String})
)
WHERE {after:String} = '' OR start > fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC') OR group_id > {after:String}
ORDER BY start, group_id
LIMIT {limit:UInt32}
