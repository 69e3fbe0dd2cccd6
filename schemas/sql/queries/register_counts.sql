-- How many records of registers there are of each meter in a time: another number, and somebody else said some.
SELECT r.meter AS meter, toFloat64(uniqExact(r.at, r.version)) AS records
FROM registers AS r
WHERE r.meter IN {meters:Array(String)}
  AND r.source = {source:String}
  AND r.at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND r.at < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
GROUP BY r.meter
ORDER BY r.meter
