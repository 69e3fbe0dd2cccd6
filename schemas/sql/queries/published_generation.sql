-- The pointer: the newest generation, or no row before the first.
SELECT
  toFloat64(g.generation) AS generation,
  run,
  toFloat64(toUnixTimestamp64Milli(high_water)) AS high_water_ms,
  toFloat64(toUnixTimestamp64Milli(horizon)) AS horizon_ms,
  model_id,
  toFloat64(toUnixTimestamp64Milli(created)) AS created_ms,
  toFloat64(toUnixTimestamp64Milli(held_since)) AS held_since_ms
FROM generations AS g
ORDER BY g.generation DESC
LIMIT 1
