-- When the occupant of each site that has any changed, in order of time.
SELECT site, toFloat64(toUnixTimestamp64Milli(o.start)) AS start_ms, toFloat64(o.version) AS version
FROM occupancies AS o FINAL
ORDER BY site, o.start
