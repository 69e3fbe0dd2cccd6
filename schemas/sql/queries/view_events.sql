-- Events by their start, newest first, without their bodies ('' for all; see event_records.sql).
SELECT
  event_id,
  toFloat64(e.version) AS row_version,
  state,
  toFloat64(toUnixTimestamp64Milli(e.start)) AS start_ms,
  toFloat64(toUnixTimestamp64Milli(e.`end`)) AS end_ms,
  toFloat64(e.ordered_mwh) AS ordered_mwh,
  toFloat64(e.speed_delivered_mwh) AS speed_delivered_mwh,
  toFloat64(e.delivered_mwh) AS delivered_mwh,
  toFloat64(e.deficiency_mwh) AS deficiency_mwh
FROM events AS e FINAL
WHERE ({event:String} = '' OR event_id = {event:String})
  AND e.start >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND e.start < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND ({after:String} = '' OR e.start < fromUnixTimestamp64Milli({to_ms:Int64} - 1, 'UTC') OR event_id > {after:String})
ORDER BY e.start DESC, event_id
LIMIT {limit:UInt32}
