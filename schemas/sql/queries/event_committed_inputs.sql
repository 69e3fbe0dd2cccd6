-- Data of one event that later steps need.
SELECT toFloat64(version) AS version, body
FROM event_committed_inputs FINAL
WHERE event_id = {event_id:String}
