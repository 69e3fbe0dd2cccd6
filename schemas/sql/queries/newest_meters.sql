-- The largest version of the meters' records from a version on, and how many records have it.
SELECT toFloat64(m.version) AS version, toFloat64(count()) AS records
FROM meters AS m
WHERE m.version >= {version:UInt64}
GROUP BY m.version
ORDER BY m.version DESC
LIMIT 1
