-- Which registers came with an ingest: of each meter and source the first and the last instant.
SELECT
  r.meter AS meter,
  r.source AS source,
  toFloat64(toUnixTimestamp64Milli(min(r.at))) AS first_ms,
  toFloat64(toUnixTimestamp64Milli(max(r.at))) AS last_ms
FROM registers AS r
WHERE r.ingest = {ingest:String}
GROUP BY r.meter, r.source
ORDER BY r.meter, r.source
