-- Partitions of the batch view on disk. `partition` is `('2013-02-10',17)` for rows by day and `17`
-- for others.
SELECT DISTINCT p.table AS row_set, p.partition AS partition
FROM system.parts AS p
WHERE p.active AND p.database = currentDatabase()
  AND p.table IN (
    'batch_deviation', 'batch_group', 'batch_baseline', 'batch_forecast', 'batch_group_forecast',
    'manifest'
  )
ORDER BY row_set, partition
