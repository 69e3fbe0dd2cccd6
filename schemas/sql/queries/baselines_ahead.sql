-- At most `limit` baselines of a generation, given by its run, in the order in which they are stored:
-- those after the one of a meter and an instant. A row has those of a meter and a length of interval,
-- in no order within.
SELECT
  meter,
  duration_s,
  groupArray(at_ms) AS start_ms,
  groupArray(energy_mwh) AS baseline_mwh,
  groupArray(sigma) AS sigma_w
FROM (
  SELECT
    b.meter AS meter,
    b.duration_s AS duration_s,
    toFloat64(toUnixTimestamp64Milli(b.start)) AS at_ms,
    toFloat64(b.baseline_mwh) AS energy_mwh,
    b.sigma_w AS sigma
  FROM batch_baseline AS b
  WHERE b.run = {run:UInt64}
    AND b.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND b.start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND b.meter >= {after:String}
    AND (b.meter > {after:String} OR b.start > fromUnixTimestamp64Milli({after_ms:Int64}, 'UTC'))
  ORDER BY b.meter, b.start
  LIMIT {limit:UInt32}
)
GROUP BY meter, duration_s
ORDER BY meter, duration_s
