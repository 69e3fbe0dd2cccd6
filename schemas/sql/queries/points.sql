-- What is settled of a site, or of all sites, in order of time.
SELECT site, programme, toFloat64(toUnixTimestamp64Milli(p.start)) AS start_ms, terms
FROM points AS p FINAL
WHERE {site:String} = '' OR site = {site:String}
ORDER BY site, p.start
