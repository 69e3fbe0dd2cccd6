-- Verdicts of validators on a settlement number (0 for all).
SELECT toFloat64(a.period) AS period, validator, signature, refusal
FROM attestations AS a FINAL
WHERE ({period:UInt64} = 0 OR a.period = {period:UInt64})
ORDER BY a.period DESC, validator
LIMIT {limit:UInt32}
