-- Versions of the meters' records from a version on.
SELECT meter, toFloat64(m.version) AS version
FROM meters AS m FINAL
WHERE m.version >= {version:UInt64}
ORDER BY meter
