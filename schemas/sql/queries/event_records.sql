-- The whole record of some events ([] for all), and the version of the row it was read from.
SELECT event_id, toFloat64(e.version) AS row_version, body
FROM events AS e FINAL
WHERE empty({events:Array(String)}) OR event_id IN {events:Array(String)}
ORDER BY event_id
