import type { Hex32 } from '../../schemas/ids.ts'
import { describeVerdict } from './describeVerdict.ts'
import { proofBundleSchema } from './proofBundle.ts'
import {
  type BundleCheck,
  type VerifyBundleOptions,
  type VerifyBundleReturnType,
  verifyBundle,
} from './verifyBundle.ts'

/** What the anchor is asked: `SettlementAnchor.finalRoot`, zero unless the period is final. */
export type FinalRootReader = {
  readonly readFinalRoot: (period: number) => Promise<Hex32>
}

const zeroRoot = `0x${'0'.repeat(64)}`

/** As `verifyBundle`, and the root is the one the chain made final: nothing is left to trust. */
export async function verifyBundleOnChain(
  given: unknown,
  options: VerifyBundleOptions & FinalRootReader,
): Promise<VerifyBundleReturnType> {
  const offline = verifyBundle(given, options)
  const parsed = proofBundleSchema.safeParse(given)
  if (!parsed.success) return offline
  const bundle = parsed.data
  const root = bundle.period === null ? zeroRoot : await options.readFinalRoot(bundle.period)
  const checks = [...offline.checks, checkRoot(root, bundle.header.root)]
  const sentence = describeVerdict(bundle, checks)
  return { ok: checks.every((each) => each.ok), checks, sentence }
}

function checkRoot(root: string, expected: Hex32): BundleCheck {
  if (root === zeroRoot) {
    return { name: 'chain', ok: false, sentence: 'The chain has no final root for this period.' }
  }
  const ok = root.toLowerCase() === expected
  const sentence = ok
    ? 'The root is the one the chain made final.'
    : `The chain made another root final for this period: ${root}.`
  return { name: 'chain', ok, sentence }
}
