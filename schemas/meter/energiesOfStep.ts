import type { EpochMs } from '../time.ts'
import { type EnergyMwh, energyMwh } from '../units.ts'

type Metered = {
  readonly startMs: EpochMs
  readonly durationS: number
  readonly energyMwh: number
}

/**
 * Energies of one meter over intervals of a length, by start: its readings of that length, and the
 * sums of shorter ones that fill it. A longer one is not split: nobody measured its parts.
 */
export function energiesOfStep(
  readings: Iterable<Metered>,
  stepS: number,
): Map<EpochMs, EnergyMwh> {
  const energies = new Map<EpochMs, EnergyMwh>()
  const shorter = new Map<number, Map<EpochMs, number>>()
  for (const { startMs, durationS, energyMwh: energy } of readings) {
    if (durationS === stepS) energies.set(startMs, energyMwh(energy))
    if (durationS >= stepS || stepS % durationS !== 0) continue
    const ofLength = shorter.get(durationS) ?? new Map<EpochMs, number>()
    shorter.set(durationS, ofLength.set(startMs, energy))
  }
  for (const [durationS, parts] of shorter) {
    for (const startMs of parts.keys()) {
      const sum = energies.has(startMs) ? null : sumOf(parts, { startMs, durationS, stepS })
      if (sum !== null) energies.set(startMs, energyMwh(sum))
    }
  }
  return energies
}

/** Null where a part is missing. */
function sumOf(
  parts: ReadonlyMap<EpochMs, number>,
  { startMs, durationS, stepS }: { startMs: EpochMs; durationS: number; stepS: number },
): number | null {
  let sum = 0
  for (let atS = 0; atS < stepS; atS += durationS) {
    const part = parts.get(startMs + atS * 1000)
    if (part === undefined) return null
    sum += part
  }
  return sum
}
