-- The newest version of an enrolment, and up to which version the speed layer has published what they change, in all of
-- its partitions: their owners are several processes; 0: none. Grouped, as the projection by version has a row for each
-- of them.
SELECT toFloat64(max(e.enrolled)) AS enrolled, toFloat64(max(e.shown)) AS shown
FROM (
  SELECT version AS enrolled, toUInt64(0) AS shown FROM meters GROUP BY version
  UNION ALL
  SELECT toUInt64(0) AS enrolled, min(p.revision) AS shown
  FROM (
    SELECT layer, max(s.revision) AS revision
    FROM shown_enrolments AS s
    WHERE startsWith(layer, 'speed/')
    GROUP BY layer
  ) AS p
) AS e
