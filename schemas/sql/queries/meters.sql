SELECT meter, site, kind, zone, groups, interval_s, account FROM meters FINAL ORDER BY meter
