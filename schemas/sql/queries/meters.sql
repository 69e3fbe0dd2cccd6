SELECT meter, site, kind, zone, groups, interval_s, account, steps
FROM meters FINAL ORDER BY meter
