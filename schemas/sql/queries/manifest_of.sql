-- Whose rows and whose sums count on each local day of a generation, and the earliest day they rest on.
SELECT
  toString(m.day) AS day,
  rows_run,
  sums_run,
  toString(m.since) AS since
FROM manifest AS m
WHERE m.run = {run:UInt64}
ORDER BY m.day
