-- Ingest counters of all buckets, by layer.
SELECT
  layer,
  toFloat64(sum(b.read)) AS read,
  toFloat64(sum(b.accepted)) AS accepted,
  toFloat64(sum(b.duplicate)) AS duplicate,
  toFloat64(sum(b.rejected)) AS rejected,
  toFloat64(sum(b.late)) AS late,
  toFloat64(sum(b.corrected)) AS corrected
FROM ingest_counters AS b FINAL
GROUP BY layer
ORDER BY layer
