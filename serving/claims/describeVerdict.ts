import type { ProofBundle } from './proofBundle.ts'
import type { BundleCheck } from './verifyBundle.ts'

/** What a check of a bundle comes to, for somebody who will read one sentence. */
export function describeVerdict(bundle: ProofBundle, checks: readonly BundleCheck[]): string {
  const failed = checks.find((each) => !each.ok)
  if (failed) return `Does not hold (${failed.name}): ${failed.sentence}`
  const { line, header, event } = bundle
  const place = `line ${line.index + 1} of ${header.leafCount}`
  const signed = describeSigned(bundle, checks)
  return `Holds: ${place} of ${event.eventId} pays ${describeMoney(bundle)}${signed}`
}

function describeMoney({ line, event }: ProofBundle): string {
  const { currency } = event.terms
  const pay = `${decimal(line.pay)} ${currency}`
  if (line.pay > 0n) return pay
  return line.debtAfter > 0n ? `${pay} and carries ${decimal(line.debtAfter)} of fees` : pay
}

function describeSigned(bundle: ProofBundle, checks: readonly BundleCheck[]): string {
  const count = bundle.attestations.length
  if (count === 0) return '; no validator has signed it yet.'
  const isChecked = checks.some((each) => each.name === 'attestations')
  return isChecked
    ? `, and ${count} validators signed it.`
    : `; the signatures of ${count} validators were not checked here.`
}

/** Millionths as a decimal fraction: 1_250_000n is 1.25. */
function decimal(micros: bigint): string {
  const digits = (micros < 0n ? -micros : micros).toString().padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0{1,4}$/, '')
  return `${micros < 0n ? '-' : ''}${digits.slice(0, -6)}.${fraction}`
}
