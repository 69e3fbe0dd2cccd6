-- Sums over the members of a group that have both a reading and a baseline, interval by interval:
-- added up from the batch rows before the high-water mark, the speed layer's own sums from it on.
-- `baseline_w` is the adjusted baseline: load less deviation. While nobody has a baseline the
-- members with a reading count. Members of shorter intervals are averaged over the longest one of
-- the group, and count when they have all of it; `speed/deviation/sumGroup.ts` does the same.
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
    m.group_id AS group_id,
    m.at AS start,
    max(m.step_s) AS duration_s,
    countIf(isNotNull(m.power_off_w)) AS with_baseline,
    toUInt32(if(with_baseline > 0, with_baseline, count())) AS members,
    if(with_baseline > 0, sumIf(m.power_w, isNotNull(m.power_off_w)), sum(m.power_w)) AS load_w,
    load_w - deviation_w AS baseline_w,
    sum(m.power_off_w) AS deviation_w,
    'batch' AS origin
  FROM (
    SELECT
      d.group_id AS group_id,
      d.meter AS meter,
      greatest(d.duration_s, s.longest_s) AS step_s,
      if(
        d.duration_s < step_s,
        fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(d.start), step_s * 1000) * step_s * 1000, 'UTC'),
        d.start
      ) AS at,
      sum(d.energy_mwh) * 3.6 / step_s AS power_w,
      if(
        countIf(isNull(d.deviation_w)) = 0,
        sum(toFloat64(d.deviation_w) * d.duration_s) / step_s,
        NULL
      ) AS power_off_w
    FROM batch_deviation AS d FINAL
    LEFT JOIN (
      SELECT group_id, max(interval_s) AS longest_s FROM meters FINAL GROUP BY group_id
    ) AS s ON s.group_id = d.group_id
    WHERE d.generation = newest
      AND d.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
      AND d.start < least(fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC'), mark)
      AND ({group:String} = '' OR d.group_id = {group:String})
    GROUP BY group_id, meter, step_s, at
    HAVING sum(d.duration_s) = step_s
  ) AS m
  GROUP BY m.group_id, m.at
  UNION ALL
  SELECT group_id, start, duration_s, members AS with_baseline, members, load_w, baseline_w,
    deviation_w, 'speed' AS origin
  FROM speed_group FINAL
  WHERE start >= greatest(fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC'), mark)
    AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND ({group:String} = '' OR group_id = {group:String})
)
ORDER BY start, group_id
LIMIT {limit:UInt32}
