-- What is kept of one event between its steps.
SELECT toFloat64(version) AS version, body
FROM event_committed_inputs FINAL
WHERE event_id = {event_id:String}
