-- The earliest high-water mark of the generations that a reader may still use (see kept_runs.sql); no
-- row before the first.
SELECT toFloat64(toUnixTimestamp64Milli(min(high_water))) AS high_water_ms
FROM (
  SELECT
    high_water,
    leadInFrame(stored, 1, now()) OVER (
      ORDER BY generation ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS until
  FROM generations
)
WHERE until >= now() - toIntervalSecond({grace_s:UInt32})
HAVING count() > 0
