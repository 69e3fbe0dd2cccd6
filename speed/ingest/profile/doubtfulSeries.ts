import { TwoAnswersError } from '../../../schemas/errors/profile.ts'
import { KeyAsMeterError } from '../../../schemas/errors/profileField.ts'
import type { Evidence } from '../table/table.ts'
import type { Columns } from './findColumns.ts'
import type { Profile } from './profileShape.ts'
import type { ProfiledReading } from './reading.ts'
import { plainName } from './readUnit.ts'
import { refusePower } from './refusePower.ts'
import { refuseRegisters } from './refuseRegisters.ts'
import { refuseUnreadFlow } from './refuseUnreadFlow.ts'
import { type RepeatedSeries, refuseRepeats } from './repeatedStamps.ts'
import type { Summary } from './summarize.ts'
import { countedNames } from './timesOfDay.ts'

type Series = RepeatedSeries & { readonly profile: Profile }

/**
 * Refuses what is read without a fault and cannot be meant; what may be meant is in the evidence.
 *
 * @throws StampsRepeatedError where a part of the stamps is not read; TwoAnswersError where
 * energies look like a register; PowerContradictedError; FlowNotReadError.
 */
export function refuseDoubtful(series: Series): readonly Evidence[] {
  const { readings, summary, columns, profile } = series
  if (profile.quantity === 'register') {
    refuseUnreadFlow(series)
    return []
  }
  refuseKey(series)
  refusePower(readings)
  // Rows that say which word is the later one may repeat a stamp as often as they like.
  const isVersioned = columns.at.revision !== undefined || columns.at.saidAt !== undefined
  if (!isVersioned) refuseRepeats(series)
  refuseUnreadFlow(series)
  if (columns.layout === 'wide' && profile.layout === undefined) refuseCounted(columns, summary)
  // A register is read at instants, never as the row of a day.
  if (profile.quantity !== undefined || columns.layout === 'days') return []
  return refuseRegisters(readings)
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
