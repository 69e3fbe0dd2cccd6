-- Live sums that end after an instant and were published for an earlier generation, or an earlier
-- revision of the enrolments: once everything is replayed, the ones that no longer exist. No interval is
-- as long as two days, so that earlier starts are not read.
SELECT group_id, toFloat64(toUnixTimestamp64Milli(start)) AS start_ms, duration_s
FROM speed_group FINAL
WHERE start > fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC') - INTERVAL 2 DAY
  AND start + toIntervalSecond(duration_s) > fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND members > 0
  AND version < bitShiftLeft(toUInt128({generation:UInt64}), 104) + bitShiftLeft(toUInt128({revision:UInt64}), 40)
ORDER BY group_id, start
LIMIT {limit:UInt32}
