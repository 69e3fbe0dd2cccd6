-- Baselines of the newest generation, and which one that was: a reader that follows the pointer
-- must see that it moved in between.
SELECT
  toFloat64(b.generation) AS generation,
  meter,
  toFloat64(toUnixTimestamp64Milli(start)) AS start_ms,
  duration_s,
  toFloat64(baseline_mwh) AS baseline_mwh,
  sigma_w
FROM batch_baseline AS b FINAL
WHERE b.generation = (SELECT max(generation) FROM generations)
  AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
ORDER BY meter, start
