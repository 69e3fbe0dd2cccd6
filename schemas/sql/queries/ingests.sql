-- What came with each ingest, the latest first, whether it was withdrawn, and how many words no
-- withdrawal has reached. One that brought registers may have no word of its own: what is between its registers
-- and those of others rests on several ingests, which are not listed as one.
SELECT
  l.ingest AS ingest,
  any(l.source) AS source,
  toFloat64(sum(l.words)) AS words,
  toFloat64(max(l.meters)) AS meters,
  toFloat64(toUnixTimestamp64Milli(min(l.first))) AS first_ms,
  toFloat64(toUnixTimestamp64Milli(max(l.last))) AS last_ms,
  toFloat64(toUnixTimestamp64Milli(min(l.logged))) AS logged_ms,
  toFloat64(sum(l.energy)) AS energy_mwh,
  l.ingest IN (SELECT a.ingest FROM acts AS a WHERE a.kind = 'withdrawal') AS is_withdrawn,
  toFloat64(sum(l.left)) AS left_words
FROM (
  SELECT
    r.ingest AS ingest,
    any(r.source) AS source,
    count() AS words,
    uniqExact(r.meter) AS meters,
    min(r.start) AS first,
    max(r.start) AS last,
    min(r.logged) AS logged,
    sum(r.energy_mwh) AS energy,
    countIf((r.log_partition, r.ingest) NOT IN (
      SELECT a.log_partition, a.ingest FROM acts AS a WHERE a.kind = 'withdrawal'
    )) AS left
  FROM readings AS r FINAL
  WHERE r.ingest != ''
    AND ({ingest:String} = '' OR r.ingest = {ingest:String})
    AND r.ingest NOT IN (SELECT t.together FROM ingests_together AS t)
  GROUP BY r.ingest
  UNION ALL
  SELECT
    k.ingest AS ingest,
    any(k.source) AS source,
    toUInt64(0) AS words,
    uniqExact(k.meter) AS meters,
    min(k.at) AS first,
    max(k.at) AS last,
    fromUnixTimestamp64Milli(toInt64(intDiv(min(k.version), 1000)), 'UTC') AS logged,
    toInt64(0) AS energy,
    toUInt64(0) AS left
  FROM registers AS k
  WHERE k.ingest != '' AND ({ingest:String} = '' OR k.ingest = {ingest:String})
  GROUP BY k.ingest
) AS l
GROUP BY l.ingest
ORDER BY logged_ms DESC, ingest
LIMIT {limit:UInt32}
