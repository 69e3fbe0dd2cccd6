-- Baselines of a generation (`run`, see merged_deviation.sql), before the same-day adjustment; of a
-- group, those of its meters while they are in it. `groups` is as `membership.ts` writes it.
SELECT
  meter,
  toFloat64(toUnixTimestamp64Milli(b.start)) AS start_ms,
  duration_s,
  toFloat64(b.baseline_mwh) AS baseline_mwh,
  sigma_w
FROM batch_baseline AS b
LEFT JOIN (
  SELECT meter, groupArray((
    ifNull(toInt64OrNull(extract(word, '@(-?[0-9]+)')), -9223372036854775808),
    ifNull(toInt64OrNull(extract(word, '@-?[0-9]*[.][.](-?[0-9]+)$')), 9223372036854775807)
  )) AS spans
  FROM (SELECT meter, arrayJoin(splitByChar(' ', groups)) AS word FROM meters FINAL)
  WHERE extract(word, '([^@^]+)') = {group:String}
  GROUP BY meter
) AS members USING (meter)
WHERE run = {run:UInt64}
  AND b.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND b.start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND ({meter:String} = '' OR meter = {meter:String})
  AND ({group:String} = '' OR arrayExists(
    span -> span.1 <= toUnixTimestamp64Milli(b.start) AND toUnixTimestamp64Milli(b.start) < span.2,
    spans))
  AND ({after:String} = '' OR b.start > fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC') OR meter > {after:String})
ORDER BY b.start, meter
LIMIT {limit:UInt32}
