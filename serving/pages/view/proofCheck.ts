import type { BundleBody } from '../../settlement/bundle/proofBundle.ts'
import type { Anchors } from '../../shapes/chain.ts'

/** `ok` is null where there is nothing to compare with. */
export type ChainAnswer = { readonly ok: boolean | null; readonly sentence: string }

/** Whether the root of a bundle equals the one that this installation reads from the chain. */
export function compareWithChain(
  { period: settlementNumber, header }: Pick<BundleBody, 'period' | 'header'>,
  anchors: Anchors | null,
): ChainAnswer {
  if (settlementNumber === null) {
    return { ok: null, sentence: 'It was not anchored when the bundle was made.' }
  }
  const anchor = anchors?.anchors.find((each) => each.period === settlementNumber)
  if (!anchor)
    return {
      ok: null,
      sentence: `Settlement ${settlementNumber} could not be read from the chain.`,
    }
  if (anchor.root !== header.root) {
    return { ok: false, sentence: `Settlement ${settlementNumber} on chain has another root.` }
  }
  const signed = anchor.attestations.filter(({ isOnChain }) => isOnChain).length
  return {
    ok: true,
    sentence:
      `This installation reads the same root from settlement ${settlementNumber} on chain, ` +
      `${anchor.state}, attested by ${signed} validators.`,
  }
}
