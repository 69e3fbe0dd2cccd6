-- The word that counts of each meter and interval (`compareOwnWords`, `compareSourceWords` in
-- schemas/reading/word.ts), as of places in the log: by partition the first offset that is left out; none
-- given: of all that is stored. An interval whose counting word is void is missing.
-- By sorting, as the table is nearly in this order: `argMax` over tuples takes three to six times the CPU.
WITH (
  SELECT arraySort(act -> (act.3, act.4), groupArray((a.log_partition, a.source, a.from, a.log_offset, a.rank)))
  FROM acts AS a
  WHERE a.kind = 'rank'
    AND (empty({as_of:Array(UInt64)}) OR a.log_offset < {as_of:Array(UInt64)}[a.log_partition + 1])
) AS ranks
SELECT
  c.meter AS meter,
  toFloat64(toUnixTimestamp64Milli(c.start)) AS start_ms,
  toFloat64(c.energy) AS energy_mwh,
  duration_s,
  quality
FROM (
  SELECT w.meter AS meter, w.start AS start, energy, duration_s, quality, is_void
  FROM (
    SELECT
      r.meter AS meter,
      r.start AS start,
      r.source AS source,
      r.standing AS standing,
      r.energy_mwh AS energy,
      duration_s,
      quality,
      is_void,
      r.log_partition AS log_partition
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
    ORDER BY
      r.meter, r.start, r.source,
      r.revision DESC, r.standing DESC, ifNull(r.said_at, r.logged) DESC, r.log_partition DESC, r.log_offset DESC,
      r.log_index DESC
    LIMIT 1 BY r.meter, r.start, r.source
  ) AS w
  ORDER BY
    w.meter, w.start,
    w.standing DESC,
    arrayLast(act -> act.1 = w.log_partition AND act.2 = w.source AND act.3 <= w.start, ranks).5 DESC,
    w.source DESC
  LIMIT 1 BY w.meter, w.start
) AS c
WHERE NOT is_void
ORDER BY c.meter, c.start
