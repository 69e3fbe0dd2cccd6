-- Settlements of an event ('' for all), newest settlement number (`period`) first. Revision 0 is
-- the commitment before the event, not a settlement.
SELECT
  event_id,
  revision,
  toFloat64(s.version) AS row_version,
  toFloat64(s.period) AS period,
  root,
  leaf_count,
  pay_micros,
  fee_micros,
  state
FROM settlements AS s FINAL
WHERE ({event:String} = '' OR event_id = {event:String})
  AND revision > 0
ORDER BY isNull(s.period) DESC, s.period DESC, event_id, revision DESC
LIMIT {limit:UInt32}
