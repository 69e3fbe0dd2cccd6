-- Every enrolled meter with the version of its record.
SELECT meter, site, kind, zone, groups, interval_s, account, steps,
  toFloat64(m.version) AS version
FROM meters AS m FINAL
ORDER BY meter
