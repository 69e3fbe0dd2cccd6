-- The whole record of some events ([] for all), by id, after an event, and the version of the row it was
-- read from.
SELECT event_id, toFloat64(e.version) AS row_version, body
FROM events AS e FINAL
WHERE (empty({events:Array(String)}) OR event_id IN {events:Array(String)})
  AND event_id > {after:String}
ORDER BY event_id
LIMIT {limit:UInt32}
