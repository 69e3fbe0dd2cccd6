-- Runs whose rows a reader may still need: those used by the newest generation, and by generations
-- that were the newest within the last `grace_s`.
WITH kept AS (
  SELECT run
  FROM (
    SELECT
      run,
      leadInFrame(stored, 1, now()) OVER (
        ORDER BY generation ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS until
    FROM generations
  )
  WHERE until >= now() - toIntervalSecond({grace_s:UInt32})
)
SELECT '' AS day, k.run AS run FROM kept AS k
UNION DISTINCT
SELECT toString(m.day) AS day, arrayJoin([m.rows_run, m.sums_run]) AS run
FROM manifest AS m
WHERE m.run IN (SELECT run FROM kept)
