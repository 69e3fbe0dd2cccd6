-- Every transaction stored for a sender, the newest version of each, in order of nonce.
SELECT
  once,
  toFloat64(version) AS version,
  sender,
  toFloat64(nonce) AS nonce,
  contract,
  method,
  raw,
  hash,
  state,
  toFloat64(block) AS block,
  toFloat64(gas_used) AS gasUsed
FROM transactions FINAL
WHERE sender = {sender:String}
ORDER BY nonce, once
