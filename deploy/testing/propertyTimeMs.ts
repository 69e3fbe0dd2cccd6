import { inject } from 'vitest'

const soakMs = 4 * 3_600_000

/** The time that a test with a property may take, ms: a soak tries it a hundred times as often. */
export function propertyTimeMs(ms: number): number {
  return inject('isSoak') ? soakMs : ms
}
