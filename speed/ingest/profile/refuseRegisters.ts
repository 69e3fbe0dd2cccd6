import { counted } from '../../../schemas/errors/counted.ts'
import { TwoAnswersError } from '../../../schemas/errors/profile.ts'
import type { Evidence } from '../table/table.ts'
import type { ProfiledReading } from './reading.ts'
import { plainName } from './readUnit.ts'

/**
 * Refuses series of which nobody said whether they are energies or a register, and that rise as a
 * register does: a load comes back to where it was, and falls about as often as it rises.
 *
 * @returns those that are read as energies and may as well be a register.
 * @throws TwoAnswersError
 */
export function refuseRegisters(readings: readonly ProfiledReading[]): readonly Evidence[] {
  const evidence: Evidence[] = []
  for (const [meter, own] of byMeter(readings)) {
    const climb = climbOf(own)
    const doubt = doubtOf(climb, registerWords.test(plainName(own[0]!.column ?? '')))
    if (doubt === null) continue
    const falls = climb.falls === 0 ? 'never falls' : `falls only ${counted(climb.falls, 'time')}`
    const which = `eries ${meter}, which ${falls} from "${climb.first.value}" on`
    if (doubt === 'refused') {
      const register =
        climb.falls === 0 ? 'a register (cumulative)' : 'a register that starts again'
      const answers = { left: 'energies of intervals', right: register }
      throw new TwoAnswersError({ field: 'quantity', ...answers, example: `S${which},` })
    }
    const why = `s${which}; if it is a register, set quantity register`
    if (evidence.length === 0) evidence.push({ field: 'quantity', value: 'energy', why })
  }
  return evidence
}

function byMeter(readings: readonly ProfiledReading[]): Map<string, ProfiledReading[]> {
  const series = new Map<string, ProfiledReading[]>()
  for (const reading of readings) {
    if (reading.isVoid) continue
    const own = series.get(reading.meter)
    if (own) own.push(reading)
    else series.set(reading.meter, [reading])
  }
  return series
}

type Climb = {
  readonly first: ProfiledReading
  readonly rows: number
  readonly spanMs: number
  readonly rises: number
  readonly falls: number
  /** By all rises. */
  readonly grownMwh: bigint
  /** It rises by as much an hour all the time, as the register of no load does. */
  readonly isSteady: boolean
}

function climbOf(readings: readonly ProfiledReading[]): Climb {
  const sorted = readings.toSorted((left, right) => left.startMs - right.startMs)
  const first = sorted[0]!
  let [rises, falls, grownMwh, isSteady] = [0, 0, 0n, true]
  let rise: { readonly mwh: bigint; readonly ms: bigint } | null = null
  for (let at = 1; at < sorted.length; at++) {
    const grown = sorted[at]!.energyMwh - sorted[at - 1]!.energyMwh
    if (grown < 0n) falls++
    if (grown <= 0n) continue
    rises++
    grownMwh += grown
    const ms = BigInt(sorted[at]!.startMs - sorted[at - 1]!.startMs)
    if (rise !== null && rise.mwh * ms !== grown * rise.ms) isSteady = false
    rise = { mwh: grown, ms }
  }
  const spanMs = sorted.at(-1)!.startMs - first.startMs
  return { first, rows: sorted.length, spanMs, rises, falls, grownMwh, isSteady }
}

/** Names of registers: a column called so needs only a few rows that never fall. */
const registerWords = /stand\b|^index|meter reading|register|compteur|lectura|cumul/
const namedRowsMin = 4

const rowsMin = 24
/** A load may rise through a day, of which the longest has 25 hours. */
const risingMs = 25 * 3_600_000
/** The counter of a roof starts again each day, and rises for six hours of a winter's. */
const risesPerFall = 6
const shownRowsMin = 4

function doubtOf(climb: Climb, isNamed: boolean): 'refused' | 'shown' | null {
  const { first, rows, spanMs, rises, falls, grownMwh, isSteady } = climb
  if (falls === 0) {
    if (rises * 2 < rows) return null
    if (rows >= namedRowsMin && isNamed) return 'refused'
    if (rows >= rowsMin && spanMs >= risingMs) return 'refused'
    // What began with more than it grew by did not begin with these intervals.
    if (rows >= rowsMin && !isSteady && first.energyMwh >= grownMwh) return 'refused'
    return rows >= shownRowsMin ? 'shown' : null
  }
  if (rows < rowsMin || rises < risesPerFall * falls) return null
  return isSteady ? 'shown' : 'refused'
}
