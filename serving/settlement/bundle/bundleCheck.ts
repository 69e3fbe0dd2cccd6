import { type Refusal, sentenceOfRefusal } from '../refusal.ts'

/** One check of a bundle and its result. */
export type BundleCheck = {
  readonly name: string
  readonly ok: boolean
  readonly sentence: string
  /** Why it failed, to branch on; null when it is `ok`. */
  readonly refusal: Refusal | null
}

/** @param holds the sentence when nothing is refused. */
export function bundleCheck(name: string, refusal: Refusal | null, holds: string): BundleCheck {
  const sentence = refusal === null ? holds : sentenceOfRefusal(refusal)
  return { name, ok: refusal === null, sentence, refusal }
}
