-- What came with each ingest, the latest first, whether it was withdrawn, and how many words no
-- withdrawal has reached.
SELECT
  r.ingest AS ingest,
  any(r.source) AS source,
  toFloat64(count()) AS words,
  toFloat64(uniqExact(r.meter)) AS meters,
  toFloat64(toUnixTimestamp64Milli(min(r.start))) AS first_ms,
  toFloat64(toUnixTimestamp64Milli(max(r.start))) AS last_ms,
  toFloat64(toUnixTimestamp64Milli(min(r.logged))) AS logged_ms,
  toFloat64(sum(r.energy_mwh)) AS energy_mwh,
  r.ingest IN (SELECT a.ingest FROM acts AS a WHERE a.kind = 'withdrawal') AS is_withdrawn,
  toFloat64(countIf((r.log_partition, r.ingest) NOT IN (
    SELECT a.log_partition, a.ingest FROM acts AS a WHERE a.kind = 'withdrawal'
  ))) AS left_words
FROM readings AS r FINAL
WHERE r.ingest != '' AND ({ingest:String} = '' OR r.ingest = {ingest:String})
GROUP BY r.ingest
ORDER BY logged_ms DESC, ingest
LIMIT {limit:UInt32}
