import type { Draft } from './draft.ts'
import type { Refusal } from './refusal.ts'

/** A row, or a count of missing values: gaps are neither readings nor errors. */
export type RawItem = RawRow | { readonly gaps: number }

/** A missing value in CSV: an empty cell or `nan`. */
export function isGap(text: string): boolean {
  return text === '' || text.toLowerCase() === 'nan'
}

/** One row of a body: its bytes, and its content or why it cannot be read. */
export type RawRow = {
  readonly index: number
  readonly original: Uint8Array
  readonly content: Draft | Refusal
  /** What a later retry needs to parse the bytes again (`source.ts`). */
  readonly hint: string
}
