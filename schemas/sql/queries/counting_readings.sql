-- The word that counts of each meter and interval (`compareOwnWords`, `compareSourceWords` in
-- schemas/reading/word.ts), as of places in the log: by partition the first offset that is left out; none
-- given: of all that is stored. An interval whose counting word is void is missing.
WITH (
  SELECT arraySort(act -> (act.3, act.4), groupArray((a.log_partition, a.source, a.from, a.log_offset, a.rank)))
  FROM acts AS a
  WHERE a.kind = 'rank'
    AND (empty({as_of:Array(UInt64)}) OR a.log_offset < {as_of:Array(UInt64)}[a.log_partition + 1])
) AS ranks
SELECT
  w.meter AS meter,
  toFloat64(toUnixTimestamp64Milli(w.start)) AS start_ms,
  toFloat64((argMax(w.word, w.place) AS counting).2) AS energy_mwh,
  counting.3 AS duration_s,
  counting.4 AS quality
FROM (
  SELECT
    r.meter AS meter,
    r.start AS start,
    argMax(
      (r.standing, r.energy_mwh, r.duration_s, r.quality, r.is_void, r.log_partition),
      (r.revision, r.standing, ifNull(r.said_at, r.logged), r.log_partition, r.log_offset, r.log_index)
    ) AS word,
    (word.1, arrayLast(act -> act.1 = word.6 AND act.2 = r.source AND act.3 <= start, ranks).5, r.source) AS place
  FROM readings AS r
  WHERE r.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND r.start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND (empty({meters:Array(String)}) OR r.meter IN {meters:Array(String)})
    AND (empty({as_of:Array(UInt64)}) OR r.log_offset < {as_of:Array(UInt64)}[r.log_partition + 1])
    AND (r.log_partition, r.ingest) NOT IN (
      SELECT a.log_partition, a.ingest
      FROM acts AS a
      WHERE a.kind = 'withdrawal'
        AND (empty({as_of:Array(UInt64)}) OR a.log_offset < {as_of:Array(UInt64)}[a.log_partition + 1])
    )
  GROUP BY r.meter, r.start, r.source
) AS w
GROUP BY w.meter, w.start
HAVING NOT counting.5
ORDER BY w.meter, w.start
