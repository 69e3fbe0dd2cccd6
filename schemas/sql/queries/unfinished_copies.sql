-- Copies that tables are to be replaced by (CREATE OR REPLACE TABLE … AS SELECT): under way, or left by a kill.
SELECT t.name AS name
FROM system.tables AS t
WHERE t.database = currentDatabase() AND startsWith(t.name, '_tmp_replace_')
ORDER BY t.name
