import { counted } from '../../../schemas/errors/counted.ts'
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
import type { Refusal } from '../refusal.ts'
import {
  refuseAsOf,
  refuseBaseline,
  refuseEvent,
  refuseReadings,
  refuseSettledBefore,
} from '../refuseMember.ts'
import { sentenceOfIssues } from '../wire.ts'
import { type BundleCheck, bundleCheck as check } from './bundleCheck.ts'
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
    const form = check('form', { code: 'no-bundle', issues: sentenceOfIssues(parsed.error) }, '')
    return { ok: false, checks: [form], sentence: form.sentence }
  }
  const bundle = parsed.data
  const checks = [check('form', null, 'It is a proof bundle.'), ...checkBundle(bundle, options)]
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
    return [event, check('line', { code: 'line-not-computed', reason: String(error) }, '')]
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
    ...checkAsOf(bundle),
  ]
  const { recoverSigner } = options
  if (!recoverSigner || bundle.attestations.length === 0) return checks
  const signed = `${counted(bundle.attestations.length, 'key')} signed this header.`
  return [...checks, check('attestations', refuseSignatures(bundle, recoverSigner), signed)]
}

/** No root binds the places: the log's owner recomputes from them, others can only compare. */
function checkAsOf({ asOf }: ProofBundle): BundleCheck[] {
  if (!asOf) return []
  const [before, until] = [asOf.baselines, asOf.readings].map((places) => places.join(','))
  const named =
    `It says that it was computed as of the places ${until} of the log, its baselines as of ` +
    `${before}; no root binds that.`
  return [check('as-of', refuseAsOf(asOf), named)]
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

function refuseEventOf({ event, header }: ProofBundle): Refusal | null {
  if (keccakOfText(event.eventId) !== header.eventHash) {
    return { code: 'other-event', event: event.eventId }
  }
  if (event.revision !== header.revision) {
    return { code: 'other-revision', ofEvent: event.revision, ofHeader: header.revision }
  }
  return refuseEvent(event)
}

function refuseTerms({ event, header }: ProofBundle): Refusal | null {
  const isSame = hashEvent(event).terms === header.termsHash
  return isSame ? null : { code: 'terms' }
}

/** When none of a member's leaves is in its tree, the member itself is wrong. */
function refuseMember(bundle: ProofBundle, computed: ComputeMemberReturnType): Refusal | null {
  const isSomewhere = (['inputs', 'baselines', 'speed'] as const).some((tree) =>
    isUnder(bundle, tree, computed),
  )
  if (!isSomewhere) return { code: 'member' }
  const { point } = bundle.member
  const stated = [...(point?.terms ?? []), ...(point?.boundary ?? [])].map(({ meter }) => meter)
  const named = (bundle.pointMeters ?? []).map((each) => {
    return meterPseudonym(each.pseudonymSalt, each.meter)
  })
  return stated.join() === named.join() ? null : { code: 'point-meters' }
}

function refuseInputs(bundle: ProofBundle, computed: ComputeMemberReturnType): Refusal | null {
  const refusal = refuseReadings(bundle.event, bundle.member)
  if (refusal) return refusal
  return isUnder(bundle, 'inputs', computed) ? null : { code: 'inputs-proof' }
}

function refuseCommitted(bundle: ProofBundle, computed: ComputeMemberReturnType): Refusal | null {
  const refusal = refuseBaseline(bundle.event, bundle.member)
  if (refusal) return refusal
  return isUnder(bundle, 'baselines', computed) ? null : { code: 'baselines-proof' }
}

function committedSentence({ member }: ProofBundle): string {
  const { days, used } = member.baseline
  return days.length === 0
    ? 'Nothing could be said of an ordinary day, and that was committed.'
    : `The baseline recomputes from ${counted(used.length, 'reading')} of ` +
        `${counted(days.length, 'day')} and is the one in the baselines root.`
}

function refuseSpeed(bundle: ProofBundle, computed: ComputeMemberReturnType): Refusal | null {
  return isUnder(bundle, 'speed', computed) ? null : { code: 'speed-proof' }
}

function refuseLine(
  { line, member }: ProofBundle,
  computed: ComputeMemberReturnType,
): Refusal | null {
  const refusal = refuseSettledBefore(member)
  if (refusal) return refusal
  const { intervals, index } = computed.line
  const difference = differenceOf(line, { ...figuresOf(computed.line), index, intervals })
  return difference && { code: 'line', ...difference }
}

function refuseDetail({ detail }: ProofBundle, computed: ComputeMemberReturnType): Refusal | null {
  return detail === computed.detail ? null : { code: 'detail' }
}

function refuseLeaf(bundle: ProofBundle, computed: ComputeMemberReturnType): Refusal | null {
  const names = ['index', 'account', 'entitled', 'detail']
  const stated = Object.fromEntries(names.map((name, at) => [name, bundle.leaf[at]]))
  const difference = differenceOf(
    stated,
    Object.fromEntries(names.map((name, at) => [name, computed.words[at]])),
  )
  return difference && { code: 'leaf', ...difference }
}

function refuseProof(bundle: ProofBundle, computed: ComputeMemberReturnType): Refusal | null {
  return isUnder(bundle, 'settlement', computed) ? null : { code: 'settlement-proof' }
}

function refuseTotals({ line, header }: ProofBundle): Refusal | null {
  if (line.index >= header.leafCount) return { code: 'too-few-lines' }
  if (line.payPrefix > header.totalPay) return { code: 'too-little-pay' }
  const isLast = line.index === header.leafCount - 1
  return isLast && line.payPrefix !== header.totalPay ? { code: 'other-total' } : null
}

function refuseSignatures(
  { header, period: settlementNumber, chain, attestations }: ProofBundle,
  recoverSigner: NonNullable<VerifyBundleOptions['recoverSigner']>,
): Refusal | null {
  if (settlementNumber === null || chain === null) return { code: 'nothing-signed' }
  const { chainId, anchor } = chain
  const digest = digestOfHeader({ chainId, anchor, settlementNumber, header })
  const seen = new Set<Address>()
  for (const { validator, signature } of attestations) {
    const wrong = { code: 'signature', validator } as const
    if (seen.has(validator)) return { code: 'counted-twice', validator }
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
