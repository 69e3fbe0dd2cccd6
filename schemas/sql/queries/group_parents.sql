-- Which group each group is part of, from an instant on; '' ends it.
SELECT group_id, toFloat64(toUnixTimestamp64Milli(g.start)) AS start_ms, parent
FROM group_parents AS g FINAL
ORDER BY group_id, g.start
