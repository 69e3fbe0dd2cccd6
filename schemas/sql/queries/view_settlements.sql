-- Settlements of an event ('' for all), newest settlement number (`period`) first. Revision 0 is
-- the commitment before the event, not a settlement. `after` is `PERIOD/EVENT/REVISION`, without a
-- number while the settlement has none.
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
  AND ({after:String} = ''
    OR (isNull(s.period) ? 1 : 0, ifNull(s.period, 0))
      < (splitByChar('/', {after:String})[1] = '' ? 1 : 0, toUInt64OrZero(splitByChar('/', {after:String})[1]))
    OR ((isNull(s.period) ? 1 : 0, ifNull(s.period, 0))
      = (splitByChar('/', {after:String})[1] = '' ? 1 : 0, toUInt64OrZero(splitByChar('/', {after:String})[1]))
      AND (event_id > splitByChar('/', {after:String})[2]
        OR (event_id = splitByChar('/', {after:String})[2]
          AND revision < toUInt32OrZero(splitByChar('/', {after:String})[3])))))
ORDER BY isNull(s.period) DESC, s.period DESC, event_id, revision DESC
LIMIT {limit:UInt32}
