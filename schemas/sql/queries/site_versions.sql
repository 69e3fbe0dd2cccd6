-- The newest version of a settlement point or an occupancy; 0 without any.
SELECT toFloat64(max(version)) AS version
FROM (SELECT version FROM points UNION ALL SELECT version FROM occupancies)
