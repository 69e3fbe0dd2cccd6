-- Verdicts of validators on one settlement number: a signature, or a refusal with its reason.
SELECT validator, signature, refusal
FROM attestations FINAL
WHERE period = {period:UInt64}
ORDER BY validator
