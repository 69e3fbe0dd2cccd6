-- Of some meters' intervals, the largest word of each source and ingest (`compareOwnWords`): all that
-- can ever count, however often an interval was restated. Of one partition only those before an offset.
SELECT
  meter,
  toFloat64(toUnixTimestamp64Milli(start)) AS start_ms,
  quality,
  standing,
  revision,
  toFloat64(toUnixTimestamp64Milli(said_at)) AS said_at_ms,
  is_void,
  source,
  ingest,
  toFloat64(toUnixTimestamp64Milli(logged)) AS logged_ms,
  toFloat64(r.energy_mwh) AS energy_mwh,
  power_w,
  reactive_var,
  duration_s,
  r.log_partition AS log_partition,
  toFloat64(r.log_offset) AS log_offset,
  log_index
FROM readings AS r
WHERE meter IN {meters:Array(String)}
  AND start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND (r.log_partition != {log_partition:UInt16} OR r.log_offset < {log_offset:UInt64})
ORDER BY
  meter, start, source, ingest,
  revision DESC, standing DESC, ifNull(said_at, logged) DESC, log_partition DESC, log_offset DESC, log_index DESC
LIMIT 1 BY meter, start, source, ingest
