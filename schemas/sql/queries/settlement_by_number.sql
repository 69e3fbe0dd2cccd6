-- The complete settlement with a settlement number (`period`).
SELECT event_id, revision, toFloat64(s.version) AS row_version, body
FROM settlements AS s FINAL
WHERE s.period = {period:UInt64}
ORDER BY revision DESC
LIMIT 1
