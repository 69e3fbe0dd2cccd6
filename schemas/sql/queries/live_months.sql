-- Months (`201302`) of which the speed view has rows.
SELECT DISTINCT p.table AS row_set, p.partition AS month
FROM system.parts AS p
WHERE p.active AND p.database = currentDatabase() AND p.table IN ('speed_deviation', 'speed_group')
ORDER BY row_set, month
