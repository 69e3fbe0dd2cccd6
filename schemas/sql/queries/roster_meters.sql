-- The meters of a registered list.
SELECT any(r.meters) AS meters
FROM rosters AS r
WHERE r.roster = {roster:String}
GROUP BY r.roster
