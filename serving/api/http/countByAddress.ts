const windowMs = 60_000
/** However little an address may use, so much more is no flood. */
const floodMin = 100

export type AddressCounter = {
  /** Adds to what an address has used this minute. */
  add(address: string, amount: number): void
  /** Adds an estimate; the function that it returns replaces that by the true amount. */
  charge(address: string, estimate: number): (amount: number) => void
  /** How long an address that has used more than it may must wait, ms; else 0. */
  waitMs(address: string): number
  /** Whether it has used several times what it may. */
  isFlooded(address: string): boolean
}

type Count = { endsMs: number; used: number }

/** Counts what each address uses in a minute; beyond `addressesMax` the oldest is forgotten. */
export function countByAddress(limits: {
  readonly usedMax: number
  readonly addressesMax: number
  readonly floodTimes?: number
}): AddressCounter {
  // In the order in which the minutes began: the first is the oldest.
  const counts = new Map<string, Count>()
  const countOf = (address: string): Count => {
    const nowMs = performance.now()
    const known = counts.get(address)
    if (known !== undefined && known.endsMs > nowMs) return known
    counts.delete(address)
    const count = { endsMs: nowMs + windowMs, used: 0 }
    counts.set(address, count)
    if (counts.size > limits.addressesMax) counts.delete(counts.keys().next().value!)
    return count
  }
  return {
    add(address, amount) {
      countOf(address).used += amount
    },
    charge(address, estimate) {
      // Corrected in the minute in which it was charged, which may be over by then.
      const count = countOf(address)
      count.used += estimate
      return (amount) => {
        count.used += amount - estimate
      }
    },
    isFlooded(address) {
      const { usedMax, floodTimes = Number.POSITIVE_INFINITY } = limits
      return (counts.get(address)?.used ?? 0) > Math.max(floodMin, floodTimes * usedMax)
    },
    waitMs(address) {
      const count = counts.get(address)
      if (count === undefined || count.used <= limits.usedMax) return 0
      return Math.max(0, count.endsMs - performance.now())
    },
  }
}
