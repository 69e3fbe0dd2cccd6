import {
  ContradictionError,
  NoTimeOfDayError,
  TwoAnswersError,
} from '../../../schemas/errors/profile.ts'
import {
  NoDateColumnError,
  NoSeriesColumnError,
  NoStampColumnError,
  NoValueColumnError,
  NoValueOfMetersError,
} from '../../../schemas/errors/profileField.ts'
import type { Evidence } from '../table/table.ts'
import { checkMeters, checkNames, qualityBehind } from './columnNames.ts'
import {
  type At,
  checkOneValue,
  detectedColumns,
  firstColumn,
  isStamped,
  isStampName,
  saidColumns,
} from './findRoles.ts'
import { mayNameFedIn, namesFedIn, namesProduced } from './flowWords.ts'
import { isNeverSeries, isNoSeries } from './knownNames.ts'
import { ownOf } from './ownOf.ts'
import type { Profile, ProfileColumn } from './profileShape.ts'
import { plainName, unitOfHeader, withoutUnit } from './readUnit.ts'
import { isOfValue, statusesRead, statusPlaces } from './statusNames.ts'
import { minutesCounted, minutesNamed, resemblesTime } from './timesOfDay.ts'

export type Layout = 'tidy' | 'wide' | 'days'

/** A column of values: a series of a wide file, or a value of a tidy one. */
export type ValueColumn = {
  readonly at: number
  /** Its name in the header. */
  readonly header: string
  /** The series of a wide file. */
  readonly meter: string | null
  readonly meterSuffix: string
  readonly isExport: boolean
  /** Minutes since midnight, of a file with a row a day. */
  readonly minute: number | null
  /** The column of its quality, where each value has its own. */
  readonly qualityAt?: number | undefined
}

export type Columns = {
  readonly layout: Layout
  readonly at: Readonly<Partial<Record<ProfileColumn, number>>>
  readonly values: readonly ValueColumn[]
  readonly evidence: readonly Evidence[]
}

/**
 * @param first cells of a row, which show what columns hold whose names leave it open.
 * @throws InvalidArgumentError where a named column is not there, or nothing tells the layout.
 */
export function findColumns(
  header: readonly string[],
  profile: Profile,
  first: readonly string[] = [],
): Columns {
  const at =
    saidColumns(header, profile) ?? valueOfProduced(detectedColumns(header, first), header, profile)
  // Words of quality that are said are those of a column called Status, where there is no other.
  const [status] = profile.quality && !profile.columns ? statusPlaces(header) : []
  if (status !== undefined) at.quality ??= status
  const hasStamp = isStamped(at)
  const layout = profile.layout ?? detectLayout(header, { at, profile })
  checkNames(header, layout === 'tidy' ? at : null)
  if (layout === 'days') return daysColumns(header, { at, profile })
  if (layout === 'wide') {
    return wideColumns(header, { at: hasStamp ? at : firstColumn(header), profile })
  }
  if (!hasStamp) throw new NoStampColumnError({ header })
  return tidyColumns(header, { at, profile })
}

/**
 * Of a file with nothing beside what is produced, the name does not say whether that is all of it,
 * or what of it is fed in; the sign does.
 *
 * @throws TwoAnswersError where the profile has no sign.
 */
function valueOfProduced(at: At, header: readonly string[], { sign, layout }: Profile): At {
  const { export: only, ...others } = at
  const name = header[only ?? -1] ?? ''
  const isAlone = at.value === undefined && at.import === undefined && layout !== 'wide'
  if (only === undefined || !isAlone || !namesProduced(name)) return at
  if (sign !== undefined) return { ...others, value: only }
  throw new TwoAnswersError({
    ...{ field: 'sign', example: `Column ${name}` },
    left: 'all that is produced (import, which is positive)',
    right: 'what of it is fed in (export, which is negative)',
  })
}

/** So many columns named by times of day are no meters. */
const timesMin = 4

type Seen = { readonly at: At; readonly profile: Profile }

function detectLayout(header: readonly string[], { at, profile }: Seen): Layout {
  const times = minutesNamed(header).filter((minute) => minute !== null)
  if (times.length >= timesMin) return 'days'
  const valued = [at.value, at.import, at.export, at.power]
  const hasValue = valued.some((each) => each !== undefined)
  if (at.meter !== undefined && hasValue) return 'tidy'
  if (at.meter !== undefined && isStamped(at)) {
    throw new NoValueOfMetersError({ column: header[at.meter] ?? '' })
  }
  const named = new Set(Object.values(at))
  const others = header.filter((name, index) => !named.has(index) && name.trim() !== '')
  if (hasValue && (profile.columns !== undefined || profile.meter !== undefined)) return 'tidy'
  if (hasValue && others.length === 0) return 'tidy'
  if (!hasValue && others.length > 0) return 'wide'
  if (!hasValue) throw new NoValueColumnError({ header })
  const left = 'tidy (a row a reading)'
  const right = `wide (a series each: ${others.join(', ')})`
  throw new TwoAnswersError({ field: 'layout', left, right, example: 'The header' })
}

function tidyColumns(header: readonly string[], { at, profile }: Seen): Columns {
  checkOneValue(header, profile)
  const value = (role: ProfileColumn, more: Partial<ValueColumn>): ValueColumn[] => {
    const index = at[role]
    if (index === undefined) return []
    const base = { at: index, header: header[index] ?? '', meter: null, meterSuffix: '' }
    const qualityAt = qualityBehind(header, at, index)
    return [{ ...base, isExport: false, minute: null, qualityAt, ...more }]
  }
  // The name decides where the profile does not; `sign` turns the values of other columns.
  const isUnsaid = profile.sign === undefined && profile.columns?.value === undefined
  const isExport = isUnsaid && isExportName(header, at.value)
  if (profile.sign === 'export' && at.import !== undefined) {
    const where = `column ${header[at.import]} is`
    throw new ContradictionError({ field: 'sign', said: 'export', found: 'import', where })
  }
  const main = [
    ...value('value', { isExport }),
    ...value('import', {}),
    ...value('export', { isExport: true, meterSuffix: '-export' }),
  ]
  const values = main.length > 0 ? main : value('power', {})
  if (values.length === 0) throw new NoValueColumnError({ header })
  const evidence = [...namedEvidence(header, at)]
  if (isExport) {
    const why = `the column is called ${header[at.value!]}`
    evidence.push({ field: 'sign', value: 'export', why })
  }
  evidence.push(...ignoredEvidence(header, Object.values(at), 'no part of a reading is called so'))
  return { layout: 'tidy', at, values, evidence }
}

function ignoredEvidence(
  header: readonly string[],
  read: readonly number[],
  why: string,
): Evidence[] {
  const named = new Set(read)
  const ignored = header.filter((name, index) => !named.has(index) && name.trim() !== '')
  return ignored.length === 0 ? [] : [{ field: 'not read', value: ignored.join(', '), why }]
}

function isExportName(header: readonly string[], at: number | undefined): boolean {
  const name = header[at ?? -1] ?? ''
  return namesFedIn(name) || /\b(export|generation|injection)/.test(plainName(name))
}

function wideColumns(header: readonly string[], { at, profile }: Seen): Columns {
  // A series may have any name; only stamps are known by theirs.
  const stamps: At = {}
  for (const role of ['start', 'end', 'date', 'startTime', 'endTime'] as const) {
    if (at[role] !== undefined) stamps[role] = at[role]
  }
  const taken = new Set(Object.values(stamps))
  const stamped = profile.columns === undefined && isStamped(at) && taken.size < header.length - 1
  const statuses = statusesRead(header, { at, profile })
  const isOther = header.map((name, index) => {
    return (
      taken.has(index) ||
      statuses.includes(index) ||
      name.trim() === '' ||
      (stamped && isStampName(name))
    )
  })
  const hasOther = (isNone: (name: string) => boolean) =>
    header.some((name, index) => !isOther[index] && !isNone(name))
  const isNone = hasOther(isNoSeries) ? isNoSeries : isNeverSeries
  // A single column is the series, whatever its name.
  const hasSeries = hasOther(isNone)
  const values = header.flatMap((name, index): ValueColumn[] => {
    if (isOther[index] || (hasSeries && isNone(name))) return []
    const called = unitOfHeader(name, true) === null ? name.trim() : withoutUnit(name)
    const meter = ownOf(profile.meters, name.trim()) ?? ownOf(profile.meters, called) ?? called
    const base = { at: index, header: name.trim(), meter, meterSuffix: '' }
    const isSaid = profile.columns !== undefined && at.export === index
    const isExport = profile.sign === undefined && (isSaid || namesFedIn(name, header))
    return [{ ...base, isExport, minute: null }]
  })
  for (const [index, value] of values.entries()) {
    const beside = { value, values, places: statuses }
    const qualityAt = statuses.find((place) => isOfValue(place, beside))
    values[index] = { ...value, qualityAt }
  }
  if (values.length === 0) throw new NoSeriesColumnError({ header })
  checkMeters(values, profile)
  if (profile.meter !== undefined && values.length > 1) {
    const found = values.map((each) => each.meter).join(', ')
    const where = 'the series are'
    throw new ContradictionError({ field: 'meter', said: profile.meter, found, where })
  }
  // The one series of a file may have a name that says nothing.
  const [only] = values
  if (profile.meter !== undefined && only && values.length === 1) {
    values[0] = { ...only, meter: profile.meter }
  }
  const why =
    profile.layout === 'wide' ? 'set' : `${values.length} columns are no part of a reading`
  const layout = { field: 'layout', value: 'wide', why }
  const read = [...taken, ...statuses, ...values.map((each) => each.at)]
  const ignored = ignoredEvidence(header, read, 'no series of energy is called so')
  return {
    layout: 'wide',
    at: stamps,
    values,
    evidence: [
      layout,
      ...namedEvidence(header, stamps),
      ...meterEvidence(values, profile),
      ...signEvidence(values, profile),
      ...ignored,
    ],
  }
}

/** Series that the profile names. */
function meterEvidence(values: readonly ValueColumn[], { meters }: Profile): Evidence[] {
  const named = new Set(Object.values(meters ?? {}))
  return values.flatMap(({ meter, header: name }): Evidence[] => {
    if (meter === null || !named.has(meter)) return []
    return [{ field: 'meters', value: meter, why: `set for the series ${name}` }]
  })
}

/** The direction of series whose names give it, or may. */
function signEvidence(values: readonly ValueColumn[], { sign }: Profile): Evidence[] {
  if (sign !== undefined) return []
  return values.flatMap(({ header: name, isExport }): Evidence[] => {
    if (isExport) return [{ field: 'sign', value: 'export', why: `the series is called ${name}` }]
    if (!mayNameFedIn(name)) return []
    const why = `the series is called ${name}; if it is what was fed in, set sign to export`
    return [{ field: 'sign', value: 'import', why }]
  })
}

/** A row a day: the columns that are times of day have the values. */
function daysColumns(header: readonly string[], { at, profile }: Seen): Columns {
  const isSaid = profile.layout === 'days'
  const named = minutesNamed(header, isSaid)
  const isCounted = isSaid && named.every((minute) => minute === null)
  const minutes = isCounted ? minutesCounted(header) : named
  const values = header.flatMap((name, index): ValueColumn[] => {
    const minute = minutes[index] ?? null
    if (minute === null) return []
    const base = { at: index, header: name.trim(), meter: null, meterSuffix: '' }
    return [{ ...base, isExport: false, minute }]
  })
  const date = at.date ?? at.start
  if (values.length === 0 || date === undefined) throw new NoDateColumnError({ header })
  const strange = header.find((name, index) => minutes[index] === null && resemblesTime(name))
  if (strange !== undefined) throw new NoTimeOfDayError({ column: strange })
  const { start: _, ...others } = at
  const why = profile.layout === 'days' ? 'set' : `${values.length} columns are times of day`
  const evidence = [
    { field: 'layout', value: 'days', why },
    ...namedEvidence(header, { ...others, date }),
    ...ignoredEvidence(
      header,
      [...Object.values(at), ...values.map((each) => each.at)],
      'it is no time of day',
    ),
  ]
  return { layout: 'days', at: { ...others, date }, values, evidence }
}

function namedEvidence(header: readonly string[], at: At): Evidence[] {
  return Object.entries(at).map(([role, index]) => {
    return {
      field: `columns.${role}`,
      value: (header[index] ?? '').trim(),
      why: 'name in the header',
    }
  })
}
