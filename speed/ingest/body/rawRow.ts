import type { Draft } from '../draft.ts'
import type { SaidBy } from '../judgeDraft.ts'
import type { GapKind } from '../profile/reading.ts'
import type { Refusal } from '../refusal.ts'
import type { ReadAs } from './readAs.ts'

/** A row, or missing values by their lines: gaps are neither readings nor errors. */
export type RawItem = RawRow | { readonly gaps: readonly Gap[] }

export type Gap = { readonly line: number; readonly why: GapKind }

/** Where a cell is in its file, so that a person can find it. */
export type Place = {
  /** From 1, header and blank lines counted; of JSON the element, from 1. */
  readonly line: number
  /** The column or series; empty of a whole row. */
  readonly column: string
  /** The cell as it is written; empty of a whole row. */
  readonly value: string
}

/** One row or cell of a body: its bytes, and its content or why it cannot be read. */
export type RawRow = {
  /** Place of the row in the body, from 0, header and blank lines not counted. */
  readonly index: number
  readonly place: Place
  readonly original: Uint8Array
  readonly content: Draft | Refusal
  /** The source, revision and so on that the row itself gives. */
  readonly by?: SaidBy
  /** How a later retry reads it again. */
  readonly readAs: ReadAs
}
