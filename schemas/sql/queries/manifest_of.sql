-- The runs whose rows and sums a generation uses for each local day, and the earliest day used.
SELECT
  toString(m.day) AS day,
  rows_run,
  sums_run,
  toString(m.since) AS since
FROM manifest AS m
WHERE m.run = {run:UInt64}
ORDER BY m.day
