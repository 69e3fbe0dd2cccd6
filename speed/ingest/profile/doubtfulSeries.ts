import { TwoAnswersError } from '../../../schemas/errors/profile.ts'
import { KeyAsMeterError } from '../../../schemas/errors/profileField.ts'
import type { Columns } from './findColumns.ts'
import type { Profile } from './profileShape.ts'
import type { ProfiledReading } from './reading.ts'
import { plainName } from './readUnit.ts'
import { type RepeatedSeries, refuseRepeats } from './repeatedStamps.ts'
import type { Summary } from './summarize.ts'
import { countedNames } from './timesOfDay.ts'

type Series = RepeatedSeries & { readonly profile: Profile }

/**
 * Refuses what is read without a fault and cannot be meant.
 *
 * @throws StampsRepeatedError where a part of the stamps is not read; TwoAnswersError where
 * energies look like a register.
 */
export function refuseDoubtful(series: Series): void {
  const { readings, summary, columns, profile } = series
  if (profile.quantity === 'register') return
  refuseKey(series)
  // Rows that say which word is the later one may repeat a stamp as often as they like.
  const isVersioned = columns.at.revision !== undefined || columns.at.saidAt !== undefined
  if (!isVersioned) refuseRepeats(series)
  if (columns.layout === 'wide' && profile.layout === undefined) refuseCounted(columns, summary)
  // A register is read at instants, never as the row of a day.
  if (profile.quantity === undefined && columns.layout !== 'days') refuseRegisters(readings)
}

/** A key of rows has another value in each, at each time; a list of meters has one time. */
function refuseKey({ readings, columns, header, profile }: Series): void {
  const name = header[columns.at.meter ?? -1] ?? ''
  if (profile.columns !== undefined || plainName(name) !== 'id' || readings.length < 3) return
  const isKey = (of: (each: ProfiledReading) => unknown) =>
    new Set(readings.map(of)).size === readings.length
  if (!isKey(({ meter }) => meter) || !isKey(({ startMs }) => startMs)) return
  throw new KeyAsMeterError({ column: name })
}

/** Series that are counted, with a row a day, are as likely the hours of the day. */
function refuseCounted({ values }: Columns, { series }: Summary): void {
  const names = countedNames(values.map(({ header }) => header))
  if (names.length < countedMin || !series.some(({ isLocalDay }) => isLocalDay)) return
  const example = `Columns ${names[0]} to ${names.at(-1)} of a row a day`
  const answers = { left: 'a meter each (wide)', right: 'parts of the day (days)' }
  throw new TwoAnswersError({ field: 'layout', ...answers, example })
}

const countedMin = 4

/**
 * A load comes back to where it was a day before: what never falls from one day into the next, of
 * which the longest has 25 hours, counts up.
 */
const risingRowsMin = 24
const risingMs = 25 * 3_600_000

function refuseRegisters(readings: readonly ProfiledReading[]): void {
  const byMeter = new Map<string, ProfiledReading[]>()
  for (const reading of readings) {
    if (reading.isVoid) continue
    const own = byMeter.get(reading.meter)
    if (own) own.push(reading)
    else byMeter.set(reading.meter, [reading])
  }
  for (const [meter, own] of byMeter) {
    const isNamed = registerWords.test(plainName(own[0]!.column ?? ''))
    if (own.length < (isNamed ? namedRowsMin : risingRowsMin) || !countsUp(own, isNamed)) continue
    const example = `Series ${meter}, which never falls from "${own[0]!.value}" on,`
    const answers = { left: 'energies of intervals', right: 'a register (cumulative)' }
    throw new TwoAnswersError({ field: 'quantity', ...answers, example })
  }
}

/** Names of registers: a column called so needs only a few rows that never fall. */
const registerWords = /stand\b|^index|meter reading|register|compteur|lectura|cumul/
const namedRowsMin = 4

function countsUp(readings: readonly ProfiledReading[], isNamed: boolean): boolean {
  const sorted = readings.toSorted((left, right) => left.startMs - right.startMs)
  const first = sorted[0]!
  if (!isNamed && sorted.at(-1)!.startMs - first.startMs < risingMs) return false
  let rises = 0
  for (let at = 1; at < sorted.length; at++) {
    const grown = sorted[at]!.energyMwh - sorted[at - 1]!.energyMwh
    if (grown < 0n) return false
    if (grown > 0n) rises++
  }
  return rises * 2 >= sorted.length
}
