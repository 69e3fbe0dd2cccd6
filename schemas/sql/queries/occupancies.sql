-- Who a site, or each site, is settled with, in order of time: those after the one of a site and an instant.
SELECT site, toFloat64(toUnixTimestamp64Milli(o.start)) AS start_ms, account
FROM occupancies AS o FINAL
WHERE ({site:String} = '' OR site = {site:String})
  AND site >= {after:String}
  AND ({after:String} = '' OR site > {after:String} OR o.start > fromUnixTimestamp64Milli({after_ms:Int64}, 'UTC'))
ORDER BY site, o.start
LIMIT {limit:UInt32}
