import { RetryableError, sentenceOf } from '../../schemas/errors/wattproofError.ts'
import type { Address } from '../../schemas/ids.ts'
import { headerTypes } from '../../schemas/settlement.ts'
import { type BundleCheck, bundleCheck as check } from '../settlement/bundle/bundleCheck.ts'
import {
  type ChainEvidence,
  decimal,
  describeVerdict,
} from '../settlement/bundle/describeVerdict.ts'
import { type ProofBundle, proofBundleSchema } from '../settlement/bundle/proofBundle.ts'
import {
  type VerifyBundleOptions,
  type VerifyBundleReturnType,
  verifyBundle,
} from '../settlement/bundle/verifyBundle.ts'
import type { Refusal } from '../settlement/refusal.ts'
import { refuseCommitment } from '../settlement/refuseCommitment.ts'
import { type BundleOnChain, type ReadContract, readBundleChain } from './readBundleChain.ts'

export type VerifyBundleOnChainOptions = Required<VerifyBundleOptions> & {
  readonly read: ReadContract
  readonly readChainId: () => Promise<number>
  /** Address of the SettlementAnchor from a trusted source; null takes the bundle's own. */
  readonly trustedAnchor: Address | null
}

/**
 * As `verifyBundle`, and compares every field of the header, the baselines' commitment, the
 * signers' stake and the vault with the chain. With a trusted anchor nothing else is trusted.
 *
 * @throws RetryableError when the chain cannot be asked.
 */
export async function verifyBundleOnChain(
  given: unknown,
  options: VerifyBundleOnChainOptions,
): Promise<VerifyBundleReturnType> {
  const offline = verifyBundle(given, options)
  const parsed = proofBundleSchema.safeParse(given)
  if (!parsed.success) return offline
  const bundle = parsed.data
  const { checks: found, evidence } = await askChain(bundle, options)
  const checks = [...offline.checks, ...found]
  const sentence = describeVerdict(bundle, checks, evidence)
  return { ok: checks.every((each) => each.ok), checks, sentence }
}

type Asked = { readonly checks: readonly BundleCheck[]; readonly evidence: ChainEvidence | null }

async function askChain(bundle: ProofBundle, options: VerifyBundleOnChainOptions): Promise<Asked> {
  const { period: settlementNumber, chain } = bundle
  const stops = (refusal: Refusal): Asked => {
    return { checks: [check('chain', refusal, '')], evidence: null }
  }
  if (settlementNumber === null || chain === null) return stops({ code: 'no-place' })
  const ofPlace = refusePlace(chain, options.trustedAnchor, await options.readChainId())
  if (ofPlace) return stops(ofPlace)
  const { anchor } = chain
  const [signers, payee] = [bundle.attestations.map(({ validator }) => validator), bundle.leaf[1]]
  let onChain: BundleOnChain | null
  try {
    onChain = await readBundleChain({
      read: options.read,
      anchor,
      settlementNumber,
      payee,
      signers,
    })
  } catch (error) {
    if (error instanceof RetryableError) throw error
    return stops({ code: 'no-anchor', anchor, reason: sentenceOf(error) })
  }
  if (onChain === null) return stops({ code: 'no-settlement', settlementNumber })
  const { info, stakes, claimed } = onChain
  const ofSigners = [...stakes.values()].reduce((sum, stake) => sum + stake, 0n)
  // A bundle may have been made before the signatures; then the anchor's own count is used.
  const stakeFor = signers.length === 0 ? info.stakeFor : ofSigners
  const isAnchorTrusted = options.trustedAnchor !== null
  const evidence = { stakeFor, stakeTotal: info.stakeTotal, claimed, anchor, isAnchorTrusted }
  return { checks: compare(bundle, onChain, evidence), evidence }
}

/** Compares each part of the bundle that is also on chain. */
function compare(
  bundle: ProofBundle,
  onChain: BundleOnChain,
  evidence: ChainEvidence,
): BundleCheck[] {
  const signed = `Validators with ${stakeOf(evidence)} of the stake signed it.`
  const paid =
    evidence.claimed >= bundle.leaf[2] ? 'has paid all of it' : 'has not paid all of it yet'
  return [
    check('chain', refuseState(onChain), 'The chain made this settlement final.'),
    check(
      'header',
      refuseHeader(bundle, onChain),
      'Every field of the header is that of the chain.',
    ),
    check(
      'commitment',
      refuseCommitted(bundle, onChain),
      'The baselines root was on the chain before the event started.',
    ),
    check('stake', refuseStakes(bundle, onChain), signed),
    check(
      'vault',
      refusePeers(bundle, onChain),
      `The vault is the one the anchor pays by; it ${paid}.`,
    ),
  ]
}

function refusePlace(
  { chainId, anchor }: NonNullable<ProofBundle['chain']>,
  trustedAnchor: Address | null,
  asked: number,
): Refusal | null {
  if (chainId !== asked) return { code: 'other-chain', ofBundle: chainId, asked }
  if (trustedAnchor === null || anchor === trustedAnchor) return null
  return { code: 'other-anchor', ofBundle: anchor, trusted: trustedAnchor }
}

function refuseState({ info }: BundleOnChain): Refusal | null {
  return info.state === 'final' ? null : { code: 'not-final', state: info.state }
}

function refuseHeader(
  { header, period: settlementNumber }: ProofBundle,
  onChain: BundleOnChain,
): Refusal | null {
  const names = headerTypes.Settlement.flatMap(({ name }) => (name === 'period' ? [] : [name]))
  const fields = names.filter((name) => String(header[name]) !== String(onChain.header[name]))
  if (fields.length === 0) return null
  return { code: 'header-on-chain', settlementNumber, fields }
}

function refuseCommitted({ header, event }: ProofBundle, onChain: BundleOnChain): Refusal | null {
  const { commitment } = onChain
  return commitment === null || commitment.root === header.baselinesRoot
    ? refuseCommitment(commitment, event.startMs)
    : { code: 'other-baselines', root: commitment.root }
}

function refuseStakes(
  { attestations, period: settlementNumber }: ProofBundle,
  onChain: BundleOnChain,
): Refusal | null {
  for (const { validator, stake } of attestations) {
    const real = onChain.stakes.get(validator) ?? 0n
    if (real === 0n) return { code: 'no-stake', validator, settlementNumber }
    if (real !== stake) return { code: 'stake', validator, stake: decimal(real) }
  }
  return null
}

function refusePeers({ chain }: ProofBundle, { vault, registry }: BundleOnChain): Refusal | null {
  if (chain?.vault !== vault) return { code: 'vault', vault }
  return chain.registry === registry ? null : { code: 'registry', registry }
}

function stakeOf({ stakeFor, stakeTotal }: ChainEvidence): string {
  return `${decimal(stakeFor)} of ${decimal(stakeTotal)}`
}
