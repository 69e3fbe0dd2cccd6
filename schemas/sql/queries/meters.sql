SELECT meter, site, kind, zone, group_id, interval_s, account FROM meters FINAL ORDER BY meter
