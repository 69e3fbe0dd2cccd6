-- Withdrawn ingests that brought registers, which were not taken out yet.
SELECT DISTINCT a.ingest AS ingest
FROM acts AS a
WHERE a.kind = 'withdrawal'
  AND a.ingest IN (SELECT r.ingest FROM registers AS r)
  AND a.ingest NOT IN (SELECT w.ingest FROM registers_withdrawn AS w)
ORDER BY a.ingest
