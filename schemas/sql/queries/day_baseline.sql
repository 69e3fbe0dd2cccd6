-- Baselines of a generation, given by its run.
SELECT
  meter,
  toFloat64(toUnixTimestamp64Milli(start)) AS start_ms,
  duration_s,
  toFloat64(baseline_mwh) AS baseline_mwh,
  sigma_w
FROM batch_baseline AS b
WHERE b.run = {run:UInt64}
  AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
ORDER BY meter, start
