-- Records of the meters from a version on, by id, after a meter.
SELECT meter, site, kind, zone, groups, interval_s, account, steps,
  toFloat64(m.version) AS version
FROM meters AS m FINAL
WHERE m.version >= {version:UInt64}
  AND m.meter > {after:String}
ORDER BY meter
LIMIT {limit:UInt32}
