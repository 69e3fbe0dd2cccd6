-- By partition, the offset after the last record that was logged by an instant; stamps never fall, so
-- that nothing logged by then comes later. A partition without such a record has no row.
SELECT log_partition, toFloat64(max(last) + 1) AS next_offset
FROM (
  SELECT log_partition, max(log_offset) AS last
  FROM readings
  WHERE logged <= fromUnixTimestamp64Milli({logged_ms:Int64}, 'UTC')
  GROUP BY log_partition
  UNION ALL
  SELECT log_partition, max(log_offset) AS last
  FROM acts
  WHERE logged <= fromUnixTimestamp64Milli({logged_ms:Int64}, 'UTC')
  GROUP BY log_partition
)
GROUP BY log_partition
ORDER BY log_partition
