-- What is settled of a site, or of all sites, in order of time: those after the one of a site and an instant.
SELECT site, programme, toFloat64(toUnixTimestamp64Milli(p.start)) AS start_ms, terms
FROM points AS p FINAL
WHERE ({site:String} = '' OR site = {site:String})
  AND site >= {after:String}
  AND ({after:String} = '' OR site > {after:String} OR p.start > fromUnixTimestamp64Milli({after_ms:Int64}, 'UTC'))
ORDER BY site, p.start
LIMIT {limit:UInt32}
