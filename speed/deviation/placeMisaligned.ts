import { compareVersions, type Reading, versionKey } from '../../schemas/reading/reading.ts'
import type { Placement } from './placeReading.ts'
import { cellsOf, type Misaligned, type SpeedDay } from './speedDay.ts'

/** No slot, no baseline: the energy is kept and shown without a deviation. */
export function placeMisaligned(
  day: SpeedDay,
  { reading, offset }: { readonly reading: Reading; readonly offset: number },
): Placement & { readonly at: Misaligned } {
  const name = `${reading.meter} ${reading.startMs}`
  const value = versionKey(reading)
  const at = day.misaligned.get(name)
  if (!at) {
    const opened = { counting: reading, offset, versions: new Set([value]) }
    day.misaligned.set(name, opened)
    day.cells += cellsOf.misaligned
    return { verdict: 'new', isCounting: true, at: opened }
  }
  if (at.versions.has(value)) return { verdict: 'duplicate', isCounting: false, at }
  at.versions.add(value)
  day.cells += cellsOf.version
  const isCounting = compareVersions(reading, at.counting) > 0
  if (isCounting) Object.assign(at, { counting: reading, offset })
  return { verdict: 'corrected', isCounting, at }
}
