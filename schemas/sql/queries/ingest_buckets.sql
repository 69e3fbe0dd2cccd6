-- What a layer has counted: the last bucket of every partition of the log.
SELECT
  b.topic AS topic,
  b.log_partition AS log_partition,
  toFloat64(b.log_offset) AS from_offset,
  toFloat64(b.next_offset) AS next_offset,
  toFloat64(b.read) AS read,
  toFloat64(b.accepted) AS accepted,
  toFloat64(b.duplicate) AS duplicate,
  toFloat64(b.rejected) AS rejected,
  toFloat64(b.late) AS late,
  toFloat64(b.corrected) AS corrected
FROM ingest_counters AS b FINAL
WHERE b.layer = {layer:String}
ORDER BY b.topic, b.log_partition, b.log_offset DESC
LIMIT 1 BY b.topic, b.log_partition
