-- Lines of an event's settlement by index, of one meter or all (''), of the newest revision when
-- it is given as 0.
SELECT
  event_id,
  revision,
  line_index,
  meter,
  account,
  toFloat64(l.delivered_mwh) AS delivered_mwh,
  toFloat64(l.deficiency_mwh) AS deficiency_mwh,
  incentive_micros,
  fee_micros,
  pay_micros,
  debt_after_micros,
  entitled_micros,
  detail_hash
FROM settlement_lines AS l FINAL
WHERE event_id = {event:String}
  AND revision = if({revision:UInt32} > 0, {revision:UInt32},
    (SELECT max(revision) FROM settlement_lines WHERE event_id = {event:String}))
  AND ({meter:String} = '' OR meter = {meter:String})
  AND ({after:String} = '' OR line_index > toUInt32OrZero({after:String}))
ORDER BY line_index
LIMIT {limit:UInt32}
