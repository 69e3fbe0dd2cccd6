/**
 * Whether a cell has a word, and which: a void one and a withdrawn one leave the interval missing.
 */
export const cellState = { none: 0, value: 1, void: 2, withdrawn: 3 } as const

/**
 * What a cell keeps of the word that counts, besides the inputs of the formula. What the words of a
 * frame have in common is one entry of the day's `FrameWords`.
 */
export type ArrivalColumns = {
  /** `cellState` */
  readonly state: Uint8Array
  /** The entry of its first word; of an interval with more, `MeterDay.words` has the others. */
  readonly word: Uint32Array
  /** Row of the frame, which has at most `frameRowsMax`. */
  readonly index: Uint16Array
  /** The largest log offset of all slots up to this one: the row depends on no later record. */
  readonly rowOffset: Float64Array
}

export function createArrival(cells: number): ArrivalColumns {
  return {
    state: new Uint8Array(cells),
    word: new Uint32Array(cells),
    index: new Uint16Array(cells),
    rowOffset: new Float64Array(cells).fill(Number.NaN),
  }
}
