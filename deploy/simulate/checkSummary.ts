import { DemoMismatchError } from '../../schemas/errors/installation.ts'
import { isBalanced } from '../../schemas/reading/reading.ts'
import type { Settled } from './collectSettled.ts'
import type { DemoSummary } from './summary.ts'

/**
 * Checks what a demo counted against what it did: counters against what was sent, claims against
 * what was settled, proofs against the chain.
 *
 * @throws DemoMismatchError listing every mismatch.
 */
export function checkSummary(summary: DemoSummary): void {
  const { readings, injected, solar } = summary
  const { read, accepted, duplicate, rejected, corrected } = readings
  const sums: readonly [boolean, string][] = [
    [
      isBalanced(readings),
      `${read} were read, but ${accepted} accepted, ${duplicate} duplicate, ${rejected} rejected`,
    ],
    [read === injected.sent, `${injected.sent} were sent and ${read} read`],
    [
      // What is said again after a restatement is a correction: only the latest word is repeated.
      duplicate + corrected === injected.doubled + injected.corrected,
      `${injected.doubled} were duplicated and ${injected.corrected} restated, and ` +
        `${duplicate} counted as duplicates and ${corrected} as corrections`,
    ],
    [
      corrected >= injected.corrected,
      `${injected.corrected} were restated and ${corrected} counted as corrections`,
    ],
    [rejected === injected.malformed, `${injected.malformed} malformed and ${rejected} rejected`],
    ...sumsOfSettled(summary),
    [
      solar.readings.stored === solar.readings.sent,
      `${solar.readings.sent} readings of homes with PV were sent and ` +
        `${solar.readings.stored} stored`,
    ],
    [solar.readings.negative > 0, 'no reading of a home with PV is below zero'],
    ...sumsOfSettled(solar),
  ]
  const wrong = sums.filter(([isRight]) => !isRight).map(([, sentence]) => sentence)
  if (wrong.length === 0) return
  throw new DemoMismatchError({ wrong })
}

function sumsOfSettled({ settlements, claims, proofs }: Settled): [boolean, string][] {
  const owed = settlements.reduce((sum, each) => sum + BigInt(each.payMicros), 0n)
  return [
    [BigInt(claims.sumMicros) === owed, `${claims.sumMicros} micros were paid, and ${owed} owed`],
    [
      proofs.verified === proofs.bundles,
      `${proofs.verified} of ${proofs.bundles} proofs verify against the chain`,
    ],
  ]
}
