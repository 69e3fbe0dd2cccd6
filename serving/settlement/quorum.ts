/**
 * The least stake that makes a settlement attested: two thirds of all, rounded up, so that
 * `3 * stakeFor >= 2 * stakeTotal` as `SettlementAnchor` has it.
 */
export function quorumOf(stakeTotal: bigint): bigint {
  return (2n * stakeTotal + 2n) / 3n
}

/** Without any stake there is no quorum. */
export function isQuorum(stakeFor: bigint, stakeTotal: bigint): boolean {
  return stakeTotal > 0n && stakeFor >= quorumOf(stakeTotal)
}
