import type { Address, Hex32 } from '../../schemas/ids.ts'
import type { SettlementLine } from '../../schemas/settlement.ts'

/** `IncentiveVault.Claim`. */
export type Claim = {
  readonly period: number
  readonly index: number
  readonly account: Address
  readonly entitled: bigint
  readonly detail: Hex32
  readonly proof: readonly Hex32[]
}

export type ClaimableLine = Pick<SettlementLine, 'index' | 'account' | 'entitled'> & {
  readonly detail: Hex32
}

/** One claim costs up to about 150,000 gas; 50 fit well below a transaction's limit. */
export const claimsMax = 50

/**
 * Lines that still pay something. Entitlements are cumulative, so the last of several lines of
 * one account claims for all of them.
 */
export function chooseClaims(
  lines: readonly ClaimableLine[],
  claimed: ReadonlyMap<Address, bigint>,
): ClaimableLine[] {
  const last = new Map<Address, ClaimableLine>()
  for (const line of lines) {
    const before = last.get(line.account)
    if (!before || line.entitled > before.entitled) last.set(line.account, line)
  }
  return [...last.values()].filter(
    ({ account, entitled }) => entitled > (claimed.get(account) ?? 0n),
  )
}
