export type BridgeGapsOptions = {
  /** Slots of a day. */
  readonly daySlots: number
  /** Longer gaps stay. */
  readonly slotsMax: number
}

/**
 * Fills short gaps with the same slots a day before, where those are known.
 *
 * Only from the past: a forecast made within or right after a gap must not know what came next.
 * Bridged values feed models; what is measured against is never bridged.
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
