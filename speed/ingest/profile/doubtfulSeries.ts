import { StampsRepeatedError, TwoAnswersError } from '../../../schemas/errors/profile.ts'
import type { Columns } from './findColumns.ts'
import type { Profile } from './profileShape.ts'
import type { Conflict, ProfiledReading } from './reading.ts'
import type { Summary } from './summarize.ts'

type Series = {
  readonly readings: readonly ProfiledReading[]
  readonly summary: Summary
  readonly columns: Columns
  readonly profile: Profile
}

/**
 * Refuses what is read without a fault and cannot be meant.
 *
 * @throws StampsRepeatedError where a part of the stamps is not read; TwoAnswersError where
 * energies look like a register.
 */
export function refuseDoubtful({ readings, summary, columns, profile }: Series): void {
  if (profile.quantity === 'register') return
  // Rows that say which word is the later one may repeat a stamp as often as they like.
  const isVersioned = columns.at.revision !== undefined || columns.at.saidAt !== undefined
  if (!isVersioned) refuseRepeats(summary)
  // A register is read at instants, never as the row of a day.
  if (profile.quantity === undefined && columns.layout !== 'days') refuseRegisters(readings)
}

/** So many rows are no correction of some. */
const repeatedMin = 12
const halfDayS = 43_200

/** A file that has its series again below, restated, has two rows of each interval. */
function refuseRepeats({ series, conflicts }: Summary): void {
  const byMeter = new Map<string, Conflict[]>()
  for (const conflict of conflicts) {
    const own = byMeter.get(conflict.meter)
    if (own) own.push(conflict)
    else byMeter.set(conflict.meter, [conflict])
  }
  for (const { meter, readings, stepS } of series) {
    const own = byMeter.get(meter) ?? []
    const rows = own.reduce((sum, { lines }) => sum + lines.length, 0)
    if (rows < repeatedMin || rows * 10 < readings * 9) continue
    // Without am and pm, each stamp is there again half a day of rows below.
    const isTwelveHours = own.every(({ lines: [first = 0, second = 0] }) => {
      return (second - first) * (stepS ?? 0) === halfDayS
    })
    if (rows < own.length * 3 && !isTwelveHours) continue
    throw new StampsRepeatedError({ meter, lines: own[0]!.lines })
  }
}

/** No load rises for a day and a night, a little each time. */
const risingRowsMin = 24
const risingMs = 86_400_000

function refuseRegisters(readings: readonly ProfiledReading[]): void {
  const byMeter = new Map<string, ProfiledReading[]>()
  for (const reading of readings) {
    if (reading.isVoid) continue
    const own = byMeter.get(reading.meter)
    if (own) own.push(reading)
    else byMeter.set(reading.meter, [reading])
  }
  for (const [meter, own] of byMeter) {
    if (own.length < risingRowsMin || !countsUp(own)) continue
    const example = `Series ${meter}, which never falls from "${own[0]!.value}" on,`
    const answers = { left: 'energies of intervals', right: 'a register (cumulative)' }
    throw new TwoAnswersError({ field: 'quantity', ...answers, example })
  }
}

function countsUp(readings: readonly ProfiledReading[]): boolean {
  const sorted = readings.toSorted((left, right) => left.startMs - right.startMs)
  const first = sorted[0]!
  if (sorted.at(-1)!.startMs - first.startMs < risingMs) return false
  const limit = first.energyMwh / 20n
  let rises = 0
  for (let at = 1; at < sorted.length; at++) {
    const grown = sorted[at]!.energyMwh - sorted[at - 1]!.energyMwh
    if (grown < 0n || grown > limit) return false
    if (grown > 0n) rises++
  }
  return rises * 2 >= sorted.length
}
