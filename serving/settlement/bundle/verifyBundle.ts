import { keccakOfText } from '../../../schemas/hash.ts'
import type { Address, Hex32 } from '../../../schemas/ids.ts'
import { meterPseudonym } from '../../../schemas/leaf.ts'
import { verifyProof } from '../../../schemas/tree/verifyProof.ts'
import { moneyMicros } from '../../../schemas/units.ts'
import { type ComputeMemberReturnType, computeMember } from '../computeMember.ts'
import { differenceOf } from '../differenceOf.ts'
import { digestOfHeader } from '../digestOfHeader.ts'
import { hashEvent } from '../hashMember.ts'
import { figuresOf } from '../published.ts'
import {
  refuseBaseline,
  refuseEvent,
  refuseReadings,
  refuseSettledBefore,
} from '../refuseMember.ts'
import { sentenceOfIssues } from '../wire.ts'
import type { BundleCheck } from './bundleCheck.ts'
import { describeVerdict } from './describeVerdict.ts'
import { type ProofBundle, proofBundleSchema } from './proofBundle.ts'

export type VerifyBundleOptions = {
  /** `recoverSigner.ts`; without it signatures are not checked, as the verdict says. */
  readonly recoverSigner?: (digest: Hex32, signature: Hex32) => Address
}

export type VerifyBundleReturnType = {
  readonly ok: boolean
  /** In the order of the computation; the first that fails is the cause. */
  readonly checks: readonly BundleCheck[]
  readonly sentence: string
}

/**
 * Checks one member's settlement without trusting anyone, offline, in a browser too.
 *
 * @param given a bundle or its parsed JSON, from any source; nothing makes it throw.
 */
export function verifyBundle(
  given: unknown,
  options: VerifyBundleOptions = {},
): VerifyBundleReturnType {
  const parsed = proofBundleSchema.safeParse(given)
  if (!parsed.success) {
    const sentence = `This is no proof bundle: ${sentenceOfIssues(parsed.error)}.`
    return { ok: false, checks: [{ name: 'form', ok: false, sentence }], sentence }
  }
  const bundle = parsed.data
  const checks = [
    { name: 'form', ok: true, sentence: 'It is a proof bundle.' },
    ...checkBundle(bundle, options),
  ]
  const sentence = describeVerdict(bundle, checks)
  return { ok: checks.every((each) => each.ok), checks, sentence }
}

function checkBundle(bundle: ProofBundle, options: VerifyBundleOptions): BundleCheck[] {
  const event = check('event', refuseEventOf(bundle), `It is about ${bundle.event.eventId}.`)
  // An invalid event has no intervals to compute from.
  if (!event.ok) return [event]
  let computed: ComputeMemberReturnType
  try {
    computed = recompute(bundle)
  } catch (error) {
    // Numbers too large to add up are the bundle's fault: its line is refused.
    return [event, check('line', `The line cannot be computed: ${String(error)}`, '')]
  }
  const checks = [
    event,
    check('terms', refuseTerms(bundle), 'The terms are those the header names.'),
    check('member', refuseMember(bundle, computed), 'It is about this meter, at its own place.'),
    check('readings', refuseInputs(bundle, computed), 'The readings are those in the inputs root.'),
    check('baseline', refuseCommitted(bundle, computed), committedSentence(bundle)),
    check('speed', refuseSpeed(bundle, computed), 'The live figure is the one in the speed root.'),
    check('line', refuseLine(bundle, computed), 'The line follows from readings and baseline.'),
    check('detail', refuseDetail(bundle, computed), 'The detail hash binds the line.'),
    check('leaf', refuseLeaf(bundle, computed), 'The leaf is the line that the vault pays.'),
    check('proof', refuseProof(bundle, computed), "The leaf is under the header's root."),
    check('totals', refuseTotals(bundle), 'The line fits in what the header pays in all.'),
  ]
  const { recoverSigner } = options
  if (!recoverSigner || bundle.attestations.length === 0) return checks
  const signed = `${bundle.attestations.length} keys signed this header.`
  return [...checks, check('attestations', refuseSignatures(bundle, recoverSigner), signed)]
}

function recompute({ event, meter, pseudonymSalt, member, line }: ProofBundle) {
  return computeMember({
    event,
    hashes: hashEvent(event),
    member: { ...member, pseudonym: meterPseudonym(pseudonymSalt, meter) },
    index: line.index,
    payPrefix: moneyMicros(line.payPrefix - line.pay),
  })
}

function refuseEventOf({ event, header }: ProofBundle): string | null {
  if (keccakOfText(event.eventId) !== header.eventHash) {
    return `The header is not about the event ${event.eventId}.`
  }
  if (event.revision !== header.revision) {
    return `The event's revision is ${event.revision}, the header's ${header.revision}.`
  }
  return refuseEvent(event)
}

function refuseTerms({ event, header }: ProofBundle): string | null {
  const isSame = hashEvent(event).terms === header.termsHash
  return isSame ? null : 'The terms are not those the header names.'
}

/** When none of a member's leaves is in its tree, the member itself is wrong. */
function refuseMember(bundle: ProofBundle, computed: ComputeMemberReturnType): string | null {
  const isSomewhere = (['inputs', 'baselines', 'speed'] as const).some((tree) =>
    isUnder(bundle, tree, computed),
  )
  return isSomewhere
    ? null
    : 'The meter, one of its salts or its index is another than in the trees of the settlement.'
}

function refuseInputs(bundle: ProofBundle, computed: ComputeMemberReturnType): string | null {
  const refusal = refuseReadings(bundle.event, bundle.member)
  if (refusal) return `The ${refusal}`
  return isUnder(bundle, 'inputs', computed)
    ? null
    : 'The readings, or their proof, do not lead to the inputs root.'
}

function refuseCommitted(bundle: ProofBundle, computed: ComputeMemberReturnType): string | null {
  const refusal = refuseBaseline(bundle.event, bundle.member)
  if (refusal) return `The ${refusal}`
  return isUnder(bundle, 'baselines', computed)
    ? null
    : 'The baseline, the account, the terms, the zone, times, excluded dates or holidays, or the ' +
        'proof, are not those that were committed before the event.'
}

function committedSentence({ member }: ProofBundle): string {
  const { days, used } = member.baseline
  return days.length === 0
    ? 'Nothing could be said of an ordinary day, and that was committed.'
    : `The baseline recomputes from ${used.length} readings of ${days.length} days ` +
        'and is the one in the baselines root.'
}

function refuseSpeed(bundle: ProofBundle, computed: ComputeMemberReturnType): string | null {
  const isSame = isUnder(bundle, 'speed', computed)
  return isSame ? null : 'The live figure, or its proof, does not lead to the speed root.'
}

function refuseLine({ line, member }: ProofBundle, computed: ComputeMemberReturnType) {
  const refusal = refuseSettledBefore(member)
  if (refusal) return `The line: ${refusal}`
  const { intervals, index } = computed.line
  const difference = differenceOf(line, { ...figuresOf(computed.line), index, intervals })
  return difference && `The line or the balance before it: ${difference}.`
}

function refuseDetail({ detail }: ProofBundle, computed: ComputeMemberReturnType): string | null {
  return detail === computed.detail
    ? null
    : 'The detail hash is not that of the line, its running sum and its balance.'
}

function refuseLeaf(bundle: ProofBundle, computed: ComputeMemberReturnType): string | null {
  const names = ['index', 'account', 'entitled', 'detail']
  const stated = Object.fromEntries(names.map((name, at) => [name, bundle.leaf[at]]))
  const difference = differenceOf(
    stated,
    Object.fromEntries(names.map((name, at) => [name, computed.words[at]])),
  )
  return difference && `The leaf: ${difference}.`
}

function refuseProof(bundle: ProofBundle, computed: ComputeMemberReturnType): string | null {
  return isUnder(bundle, 'settlement', computed)
    ? null
    : "The leaf's account, balance, proof or root is another: it does not lead to the root."
}

function refuseTotals({ line, header }: ProofBundle): string | null {
  if (line.index >= header.leafCount) return 'The header counts fewer lines than this one.'
  if (line.payPrefix > header.totalPay) return 'The header pays less than the lines up to this one.'
  const isLast = line.index === header.leafCount - 1
  return isLast && line.payPrefix !== header.totalPay ? 'The lines do not add up to the pay.' : null
}

function refuseSignatures(
  { header, period, chain, attestations }: ProofBundle,
  recoverSigner: NonNullable<VerifyBundleOptions['recoverSigner']>,
): string | null {
  if (period === null || chain === null)
    return 'It names no chain or settlement number to be signed for.'
  const { chainId, anchor } = chain
  const digest = digestOfHeader({ chainId, anchor, settlementNumber: period, header })
  const seen = new Set<Address>()
  for (const { validator, signature } of attestations) {
    const wrong =
      `The signature of ${validator} is not for this header, settlement number, chain ` +
      'and anchor.'
    if (seen.has(validator)) return `The validator ${validator} is counted twice.`
    seen.add(validator)
    try {
      if (recoverSigner(digest, signature) !== validator) return wrong
    } catch {
      // Bytes from which no signer can be recovered are no valid signature.
      return wrong
    }
  }
  return null
}

const rootNames = {
  settlement: 'root',
  inputs: 'inputsRoot',
  baselines: 'baselinesRoot',
  speed: 'speedRoot',
} as const

function isUnder(
  { proofs, header }: ProofBundle,
  tree: keyof typeof rootNames,
  { leaves }: ComputeMemberReturnType,
): boolean {
  const root = header[rootNames[tree]]
  return verifyProof({ root, leaf: leaves[tree], proof: proofs[tree] })
}

function check(name: string, refusal: string | null, holds: string): BundleCheck {
  return { name, ok: refusal === null, sentence: refusal ?? holds }
}
