import type { Draft } from './draft.ts'
import type { Refusal } from './judgeDraft.ts'

/** One row of a body: its bytes, and what it says or why nothing can be read from it. */
export type RawRow = {
  readonly index: number
  readonly original: Uint8Array
  readonly content: Draft | Refusal
  /** What a later retry needs to read the bytes again (`source.ts`). */
  readonly hint: string
}
