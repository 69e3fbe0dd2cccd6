export type BridgeGapsOptions = {
  /** Slots of a day. */
  readonly daySlots: number
  /** Longer gaps are not filled. */
  readonly slotsMax: number
}

/**
 * Fills short gaps with the same slots of the previous day, where known.
 *
 * Only from the past: a forecast made within or right after a gap must not use later values.
 * Filled values are inputs of models only; values to compare with are never filled.
 */
export function bridgeGaps(values: Float64Array, options: BridgeGapsOptions): Float64Array {
  const { daySlots, slotsMax } = options
  const bridged = values.slice()
  let first = 0
  while (first < values.length) {
    if (!Number.isNaN(values[first]!)) {
      first += 1
      continue
    }
    let end = first
    while (end < values.length && Number.isNaN(values[end]!)) end += 1
    if (end - first <= slotsMax && first >= daySlots) {
      for (let slot = first; slot < end; slot++) bridged[slot] = bridged[slot - daySlots]!
    }
    first = end
  }
  return bridged
}
