-- Everything the master data set holds of one meter, exactly: whole numbers are not rounded to
-- doubles. For auditors.
SELECT
  meter,
  toFloat64(toUnixTimestamp64Milli(r.start)) AS start_ms,
  quality,
  revision,
  energy_mwh,
  power_w,
  reactive_var,
  duration_s,
  log_partition,
  log_offset,
  log_index
FROM readings AS r FINAL
WHERE r.meter = {meter:String}
  AND r.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND r.start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
ORDER BY r.start, quality, revision, log_partition, log_offset, log_index
LIMIT {limit:UInt32}
