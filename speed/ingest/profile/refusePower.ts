import { PowerContradictedError } from '../../../schemas/errors/profileField.ts'

type Powered = {
  readonly durationS: number
  readonly energyMwh: bigint
  readonly powerW: number | null
  readonly line: number
}

/**
 * Refuses a file in which every power is its row's mean power times one factor that is not 1: unit,
 * duration or sign of one of both is wrong. Powers at an instant have no such factor.
 *
 * @throws PowerContradictedError
 */
export function refusePower(readings: Iterable<Powered>): void {
  let first: (Powered & { readonly meanW: number; readonly powerW: number }) | null = null
  let factor = 1
  const energies = new Set<bigint>()
  let rows = 0
  for (const each of readings) {
    const { powerW, energyMwh } = each
    if (powerW === null || energyMwh === 0n) continue
    const meanW = (Number(energyMwh) * 3.6) / each.durationS
    if (first === null) {
      factor = powerW / meanW
      if (Math.abs(factor - 1) < leastOff) return
      first = { ...each, powerW, meanW }
    } else if (!(Math.abs(powerW / meanW / factor - 1) < rounded)) return
    rows++
    energies.add(energyMwh)
  }
  // A constant load has a constant power at every instant, too.
  if (first === null || rows < rowsMin || energies.size < energiesMin) return
  throw new PowerContradictedError(first)
}

/** Shares of the factor by which rows may differ, as both numbers are rounded. */
const rounded = 0.02
const leastOff = 0.1
const rowsMin = 3
const energiesMin = 2
