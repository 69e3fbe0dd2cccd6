-- How many tables are being replaced now.
SELECT toFloat64(count()) AS copies
FROM system.processes AS p
WHERE startsWith(p.query, 'CREATE OR REPLACE TABLE')
