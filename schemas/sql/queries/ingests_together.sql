-- The ingests of words that rest on this one and others.
SELECT DISTINCT t.together AS together
FROM ingests_together AS t
WHERE t.ingest = {ingest:String}
ORDER BY t.together
