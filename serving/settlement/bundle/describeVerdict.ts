import { counted } from '../../../schemas/errors/counted.ts'
import type { Address } from '../../../schemas/ids.ts'
import type { BundleCheck } from './bundleCheck.ts'
import type { ProofBundle } from './proofBundle.ts'

/** What the chain adds to a valid bundle; amounts in micros. */
export type ChainEvidence = {
  /** Stake of the bundle's signers in the settlement's snapshot. */
  readonly stakeFor: bigint
  readonly stakeTotal: bigint
  /** Total ever paid to the payee. */
  readonly claimed: bigint
  readonly anchor: Address
  /** False when its address comes from the bundle only. */
  readonly isAnchorTrusted: boolean
}

/** The result of checking a bundle in one sentence. */
export function describeVerdict(
  bundle: ProofBundle,
  checks: readonly BundleCheck[],
  chain: ChainEvidence | null = null,
): string {
  const failed = checks.find((each) => !each.ok)
  if (failed) return `Invalid (${failed.name}): ${failed.sentence}`
  const { line, header, event } = bundle
  const place = `line ${line.index + 1} of ${header.leafCount}`
  const signed = chain === null ? describeSigned(bundle, checks) : describeFinal(bundle, chain)
  return `Valid: ${place} of ${event.eventId} pays ${describeMoney(bundle)}${signed}`
}

function describeMoney({ line, event }: ProofBundle): string {
  const { currency } = event.terms
  const pay = `${decimal(line.pay)} ${currency}`
  if (line.pay > 0n) return pay
  return line.debtAfter > 0n
    ? `${pay} and carries ${decimal(line.debtAfter)} ${currency} of fees`
    : pay
}

/** Signers are called keys here: only the chain knows which of them have stake. */
function describeSigned(bundle: ProofBundle, checks: readonly BundleCheck[]): string {
  const keys = counted(bundle.attestations.length, 'key')
  if (bundle.attestations.length === 0) return '; nobody has signed it yet.'
  const isChecked = checks.some((each) => each.name === 'attestations')
  return isChecked
    ? `, signed by ${keys}; only the chain shows their stake and whether it is final.`
    : `; the signatures of ${keys} were not checked here.`
}

function describeFinal({ leaf, event }: ProofBundle, chain: ChainEvidence): string {
  const { currency } = event.terms
  const stake = `${decimal(chain.stakeFor)} of ${decimal(chain.stakeTotal)} ${currency}`
  const left = leaf[2] - chain.claimed
  const claimed = left <= 0n ? 'all of it is claimed' : `${decimal(left)} ${currency} to be claimed`
  const final = `; it is final, signed with a stake of ${stake}, ${claimed}.`
  if (chain.isAnchorTrusted) return final
  return `${final} That ${chain.anchor} is the anchor is the bundle's own word: compare it.`
}

/** Millionths as a decimal fraction: 1_250_000n is 1.25. */
export function decimal(micros: bigint): string {
  const digits = (micros < 0n ? -micros : micros).toString().padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0{1,4}$/, '')
  return `${micros < 0n ? '-' : ''}${digits.slice(0, -6)}.${fraction}`
}
