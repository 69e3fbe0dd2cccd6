-- Every event, whole.
SELECT event_id, body FROM events FINAL ORDER BY event_id
