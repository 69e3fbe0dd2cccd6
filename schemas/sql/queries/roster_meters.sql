-- The meters of some lists, of those that are registered.
SELECT r.roster AS roster, any(r.meters) AS meters
FROM rosters AS r
WHERE r.roster IN {rosters:Array(String)}
GROUP BY r.roster
