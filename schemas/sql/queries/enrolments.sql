-- Enrolled meters with the version of their record, of those with one from a version on.
SELECT meter, site, kind, zone, groups, interval_s, account, steps,
  toFloat64(m.version) AS version
FROM meters AS m FINAL
WHERE m.version >= {version:UInt64}
ORDER BY meter
