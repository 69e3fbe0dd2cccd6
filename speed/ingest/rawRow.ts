import type { Draft } from './draft.ts'
import type { Refusal } from './judgeDraft.ts'

/** A row, or a count of values that are not there: gaps are no readings and no errors. */
export type RawItem = RawRow | { readonly gaps: number }

/** What stands for no value in CSV: nothing, or `nan`. */
export function isGap(text: string): boolean {
  return text === '' || text.toLowerCase() === 'nan'
}

/** One row of a body: its bytes, and what it says or why nothing can be read from it. */
export type RawRow = {
  readonly index: number
  readonly original: Uint8Array
  readonly content: Draft | Refusal
  /** What a later retry needs to read the bytes again (`source.ts`). */
  readonly hint: string
}
