-- What the batch layer has noticed since a generation: its closed days that have later readings.
SELECT
  days,
  meters,
  toFloat64(toUnixTimestamp64Milli(d.since)) AS since_ms
FROM dirty_days AS d FINAL
WHERE d.generation = {generation:UInt64}
