-- The complete record of one settlement; the newest revision when `revision` is 0.
SELECT toFloat64(revision) AS revision, toFloat64(version) AS version, state, body
FROM settlements FINAL
WHERE event_id = {event_id:String}
  AND ({revision:UInt32} = 0 OR revision = {revision:UInt32})
ORDER BY revision DESC
LIMIT 1
