-- How many lists are registered, and how many meters they have in all.
SELECT toFloat64(count()) AS rosters, toFloat64(sum(s.size)) AS meters
FROM (SELECT any(r.size) AS size FROM rosters AS r GROUP BY r.roster) AS s
