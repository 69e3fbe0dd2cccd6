-- Every stored version of some meters' intervals, with the log position where each first appeared.
SELECT
  meter,
  toFloat64(toUnixTimestamp64Milli(start)) AS start_ms,
  quality,
  revision,
  toFloat64(energy_mwh) AS energy_mwh,
  power_w,
  reactive_var,
  duration_s,
  log_partition,
  toFloat64(log_offset) AS log_offset,
  log_index
FROM readings
WHERE meter IN {meters:Array(String)}
  AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
