-- Who a site, or each site, is settled with, in order of time.
SELECT site, toFloat64(toUnixTimestamp64Milli(o.start)) AS start_ms, account
FROM occupancies AS o FINAL
WHERE {site:String} = '' OR site = {site:String}
ORDER BY site, o.start
