import type { WallMs } from './zone.ts'

/** A stamp as it is written: an offset of its own wins over any zone. */
export type Stamp = { readonly wallMs: WallMs; readonly offsetMs: number | null }

export type StampReader = {
  readonly pattern: string
  /** Null where the text does not fit the pattern. */
  read(text: string): Stamp | null
}
