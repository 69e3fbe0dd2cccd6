-- Progress of the archive by partition, and when it read the last record.
SELECT
  log_partition,
  toFloat64(next_offset) AS next_offset,
  toFloat64(toUnixTimestamp64Milli(p.max_end)) AS max_end_ms,
  toFloat64(toUnixTimestamp64Milli(p.read_at)) AS read_ms
FROM archive_progress AS p FINAL
ORDER BY log_partition
