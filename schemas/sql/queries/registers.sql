-- The register that counts of each meter and instant of one source (`compareRegisters` in
-- schemas/reading/register.ts), of ingests that were not withdrawn and of versions before one: of each meter the
-- first so many of a range, or the last.
SELECT
  c.meter AS meter,
  toFloat64(toUnixTimestamp64Milli(c.instant)) AS at_ms,
  toFloat64(c.word.1) AS value_mwh,
  c.word.2 AS ingest,
  c.word.3 AS quality,
  c.word.4 AS standing,
  c.word.5 AS revision,
  toFloat64(toUnixTimestamp64Milli(c.word.6)) AS said_at_ms,
  c.word.7 AS power_w,
  c.word.8 AS reactive_var,
  c.word.9 AS step_s,
  c.word.10 AS rule,
  toFloat64(c.word.11) AS version
FROM (
  SELECT
    r.meter AS meter,
    r.at AS instant,
    argMax(
      (
        r.value_mwh, r.ingest, r.quality, r.standing, r.revision, r.said_at, r.power_w, r.reactive_var,
        r.step_s, r.rule, r.version
      ),
      (
        r.revision, r.standing,
        ifNull(toUnixTimestamp64Milli(r.said_at), toInt64(intDiv(r.version, 1000))), r.version
      )
    ) AS word
  FROM registers AS r
  WHERE r.meter IN {meters:Array(String)}
    AND r.source = {source:String}
    AND r.at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND r.at < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND r.version < {before:UInt64}
    AND NOT has({withdrawn:Array(String)}, r.ingest)
    AND r.ingest NOT IN (SELECT a.ingest FROM acts AS a WHERE a.kind = 'withdrawal')
    AND r.ingest NOT IN (SELECT d.ingest FROM registers_withdrawn AS d)
  GROUP BY r.meter, r.at
) AS c
ORDER BY c.meter, if({last:UInt16} = 1, -toUnixTimestamp64Milli(c.instant), toUnixTimestamp64Milli(c.instant))
LIMIT {limit:UInt32} BY c.meter
