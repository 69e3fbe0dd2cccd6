-- What was decided about words, in the order of each partition.
SELECT
  log_partition,
  toFloat64(a.log_offset) AS log_offset,
  kind,
  ingest,
  source,
  toFloat64(toUnixTimestamp64Milli(a.from)) AS from_ms,
  toFloat64(a.rank) AS rank
FROM acts AS a FINAL
ORDER BY a.log_partition, a.log_offset
