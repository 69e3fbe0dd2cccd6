SELECT
  log_partition,
  toFloat64(toUnixTimestamp64Milli(w.watermark)) AS watermark_ms,
  toFloat64(toUnixTimestamp64Milli(w.held_from)) AS held_from_ms,
  toFloat64(bitShiftRight(w.version, 40)) AS generation
FROM watermarks AS w FINAL
ORDER BY log_partition
