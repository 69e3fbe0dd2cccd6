-- Verdicts of validators on a settlement number (0 for all), after `PERIOD/VALIDATOR`.
SELECT toFloat64(a.period) AS period, validator, signature, refusal
FROM attestations AS a FINAL
WHERE ({period:UInt64} = 0 OR a.period = {period:UInt64})
  AND ({after:String} = ''
    OR a.period < toUInt64OrZero(splitByChar('/', {after:String})[1])
    OR (a.period = toUInt64OrZero(splitByChar('/', {after:String})[1])
      AND validator > splitByChar('/', {after:String})[2]))
ORDER BY a.period DESC, validator
LIMIT {limit:UInt32}
