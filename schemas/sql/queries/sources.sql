-- Who has said something.
SELECT
  r.source AS source,
  toFloat64(count()) AS words,
  toFloat64(uniqExact(r.meter)) AS meters,
  toFloat64(toUnixTimestamp64Milli(max(r.logged))) AS logged_ms
FROM readings AS r
GROUP BY r.source
ORDER BY source
LIMIT {limit:UInt32}
