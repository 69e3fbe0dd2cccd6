/** Slots `[first, end)` of a series. */
export type SlotRange = { readonly first: number; readonly end: number }

/** Runs without a gap of at least `slotsMin` slots within a range: windows never span a gap. */
export function splitSegments(
  values: Float64Array,
  range: SlotRange,
  slotsMin: number,
): SlotRange[] {
  const segments: SlotRange[] = []
  let first = range.first
  for (let slot = range.first; slot <= range.end; slot++) {
    const isOpen = slot < range.end && !Number.isNaN(values[slot]!)
    if (isOpen) continue
    if (slot - first >= slotsMin) segments.push({ first, end: slot })
    first = slot + 1
  }
  return segments
}
