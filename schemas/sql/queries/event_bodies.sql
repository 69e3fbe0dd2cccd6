-- The complete record of every event.
SELECT event_id, body FROM events FINAL ORDER BY event_id
