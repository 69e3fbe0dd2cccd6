-- Forecasts of a generation (`run`, see merged_deviation.sql); of a group as in view_baseline.sql.
SELECT
  meter,
  toFloat64(toUnixTimestamp64Milli(f.start)) AS start_ms,
  duration_s,
  toFloat64(f.forecast_mwh) AS forecast_mwh,
  model,
  flag
FROM batch_forecast AS f
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
  AND f.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND f.start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND ({meter:String} = '' OR meter = {meter:String})
  AND ({group:String} = '' OR arrayExists(
    span -> span.1 <= toUnixTimestamp64Milli(f.start) AND toUnixTimestamp64Milli(f.start) < span.2,
    spans))
  AND ({after:String} = '' OR f.start > fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC') OR meter > {after:String})
ORDER BY f.start, meter
LIMIT {limit:UInt32}
