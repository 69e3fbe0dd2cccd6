-- Partitions of the batch view that lie on the disk. Of rows by day `partition` is
-- `('2013-02-10',17)`, of the rest `17`.
SELECT DISTINCT p.table AS row_set, p.partition AS partition
FROM system.parts AS p
WHERE p.active AND p.database = currentDatabase()
  AND p.table IN ('batch_deviation', 'batch_group', 'batch_baseline', 'batch_forecast', 'manifest')
ORDER BY row_set, partition
