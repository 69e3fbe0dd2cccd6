const windowMs = 60_000

export type AddressCounter = {
  /** Adds to what an address has used this minute. */
  add(address: string, amount: number): void
  /** How long an address that has used more than it may must wait, ms; else 0. */
  waitMs(address: string): number
}

type Count = { endsMs: number; used: number }

/** Counts what each address uses in a minute; beyond `addressesMax` the oldest is forgotten. */
export function countByAddress(limits: {
  readonly usedMax: number
  readonly addressesMax: number
}): AddressCounter {
  // In the order in which the minutes began: the first is the oldest.
  const counts = new Map<string, Count>()
  return {
    add(address, amount) {
      const nowMs = performance.now()
      let count = counts.get(address)
      if (count === undefined || count.endsMs <= nowMs) {
        counts.delete(address)
        count = { endsMs: nowMs + windowMs, used: 0 }
        counts.set(address, count)
        if (counts.size > limits.addressesMax) counts.delete(counts.keys().next().value!)
      }
      count.used += amount
    },
    waitMs(address) {
      const count = counts.get(address)
      if (count === undefined || count.used <= limits.usedMax) return 0
      return Math.max(0, count.endsMs - performance.now())
    },
  }
}
