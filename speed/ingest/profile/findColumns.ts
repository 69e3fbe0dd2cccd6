import {
  ColumnNotThereError,
  ProfileFieldMissingError,
  TwoAnswersError,
} from '../../../schemas/errors/profile.ts'
import type { Evidence } from '../table/table.ts'
import { checkNames, qualityBehind } from './columnNames.ts'
import type { Profile, ProfileColumn } from './profileShape.ts'
import { plainName, unitOfHeader, withoutUnit } from './readUnit.ts'

export type Layout = 'tidy' | 'wide' | 'days'

/** A column of values: a series of a wide file, or a value of a tidy one. */
export type ValueColumn = {
  readonly at: number
  /** As in the header. */
  readonly header: string
  /** The series of a wide file. */
  readonly meter: string | null
  readonly meterSuffix: string
  readonly isExport: boolean
  /** Minutes since midnight, of a file with a row a day. */
  readonly minute: number | null
  /** Where each value has a quality of its own. */
  readonly qualityAt?: number | undefined
}

export type Columns = {
  readonly layout: Layout
  readonly at: Readonly<Partial<Record<ProfileColumn, number>>>
  readonly values: readonly ValueColumn[]
  readonly evidence: readonly Evidence[]
}

/** Names of columns as exports of the trade have them, plain: lower case, no accents, no unit. */
const known: Readonly<Partial<Record<ProfileColumn, readonly string[]>>> = {
  start: [
    ...['start', 'timestamp', 'time stamp', 'stamp', 'datetime', 'date time', 'date heure', 'from'],
    ...[
      'interval start',
      'start datetime',
      'start date time',
      'horodate',
      'debut',
      'inicio',
      'von',
    ],
    ...[
      'reading datetime',
      'datum uhrzeit',
      'fecha hora',
      'period start',
      'begin',
      'utc timestamp',
    ],
    ...['date debut', 'start timestamp', 'read date and end time', 'tstp', 'interval start time'],
  ],
  end: [
    ...['end', 'fin', 'to', 'interval end', 'end datetime', 'bis', 'fim', 'period end', 'date fin'],
    ...['horodate iso fin de pas', 'end timestamp', 'end date time', 'interval end time'],
  ],
  date: ['date', 'data', 'datum', 'fecha', 'usage date', 'reading date', 'day', 'jour'],
  startTime: ['time', 'start time', 'hora', 'heure', 'uhrzeit'],
  endTime: ['end time'],
  duration: ['duration', 'duration s', 'interval length', 'pas', 'interval'],
  meter: [
    ...['meter', 'meter id', 'meter number', 'meter no', 'mpan', 'mprn', 'nmi', 'customer'],
    ...[
      'identifiant prm',
      'prm',
      'pdl',
      'cups',
      'cpe',
      'id',
      'usage point',
      'lclid',
      'metering point',
    ],
  ],
  value: [
    ...['value', 'valeur', 'valor', 'usage', 'consumption', 'energy', 'energy wh', 'energy kwh'],
    ...['energyconsumption', 'kwh', 'wh', 'consumo', 'net', 'reading', 'read value', 'quantity'],
    ...['electricity', 'energie', 'verbrauch', 'consommation', 'usage kwh', 'consumption kwh'],
    ...['energy consumption', 'puissance moyenne', 'power', 'wert', 'energia'],
  ],
  import: ['import', 'imported', 'grid import', 'delivered', 'energy delivered', 'soutirage'],
  export: [
    ...['export', 'exported', 'grid export', 'received', 'energy received', 'generation'],
    ...['injection', 'returned', 'feed in', 'production', 'fed in'],
  ],
  flow: ['flow', 'flow direction', 'direction'],
  channel: ['channel', 'meter channel', 'nmi suffix'],
  accumulation: ['accumulation', 'accumulation behaviour'],
  power: ['power w', 'mean power w'],
  reactive: ['reactive var'],
  unit: ['unit', 'units', 'uom', 'unite', 'unidade'],
  quality: ['quality', 'quality flag', 'row quality', 'estado', 'read status'],
  revision: ['revision', 'version'],
  saidAt: ['said at', 'updated at'],
}

const roles = Object.keys(known) as ProfileColumn[]

/** @throws InvalidArgumentError where a named column is not there, or nothing tells the layout. */
export function findColumns(header: readonly string[], profile: Profile): Columns {
  const said = saidColumns(header, profile)
  const at = said ?? detectedColumns(header)
  const hasStamp = at.start !== undefined || at.end !== undefined || at.date !== undefined
  const layout = profile.layout ?? detectLayout(header, { at, profile })
  checkNames(header, layout === 'tidy' ? at : null)
  if (layout === 'days') return daysColumns(header, at)
  if (layout === 'wide') {
    // The first column is the stamp, whatever its name.
    const withStamp = hasStamp ? at : { ...at, start: 0 }
    return wideColumns(header, { at: withStamp, profile })
  }
  if (!hasStamp) {
    const why = `No column of ${header.join(' | ')} is known as a stamp`
    throw new ProfileFieldMissingError({ field: 'columns', why, say: '{ "start": "…" }' })
  }
  return tidyColumns(header, { at, profile })
}

type At = Partial<Record<ProfileColumn, number>>

/** The columns that a profile names, or null where it names none. */
function saidColumns(header: readonly string[], { columns }: Profile): At | null {
  if (!columns) return null
  const plain = header.map((each) => each.trim().toLowerCase().replace(/\s+/g, ' '))
  const at: At = {}
  for (const role of Object.keys(columns) as ProfileColumn[]) {
    const names = [columns[role] ?? []].flat()
    const found = names
      .map((name) => plain.indexOf(name.trim().toLowerCase().replace(/\s+/g, ' ')))
      .find((each) => each >= 0)
    if (found !== undefined) at[role] = found
    else if (isNeeded(role, columns)) throw new ColumnNotThereError({ role, names, header })
  }
  return at
}

/** What an export may leave out; a file without any value is refused later. */
function isNeeded(role: ProfileColumn, columns: NonNullable<Profile['columns']>): boolean {
  const optional: readonly ProfileColumn[] = [
    ...(['unit', 'quality', 'revision', 'saidAt', 'duration'] as const),
    ...(['power', 'reactive', 'meter', 'channel', 'flow', 'accumulation'] as const),
  ]
  if (role === 'export') return columns.import === undefined
  return !optional.includes(role)
}

function detectedColumns(header: readonly string[]): At {
  const at: At = {}
  header.forEach((name, index) => {
    const plain = plainName(name)
    const bare = plainName(withoutUnit(name))
    const role = roles.find((each) => {
      return known[each]!.some((word) => word === plain || word === bare)
    })
    if (role !== undefined && at[role] === undefined) at[role] = index
  })
  if (at.date === undefined && at.startTime !== undefined) {
    at.start ??= at.startTime
    delete at.startTime
  }
  if (at.date !== undefined && at.startTime === undefined && at.start === undefined) {
    if (at.endTime === undefined) {
      at.start = at.date
      delete at.date
    }
  }
  return at
}

type Seen = { readonly at: At; readonly profile: Profile }

function detectLayout(header: readonly string[], { at, profile }: Seen): 'tidy' | 'wide' {
  const valued = [at.value, at.import, at.export, at.power]
  const hasValue = valued.some((each) => each !== undefined)
  if (at.meter !== undefined && hasValue) return 'tidy'
  const named = new Set(Object.values(at))
  const others = header.filter((name, index) => !named.has(index) && name.trim() !== '')
  if (hasValue && (profile.columns !== undefined || profile.meter !== undefined)) return 'tidy'
  if (hasValue && others.length === 0) return 'tidy'
  if (!hasValue && others.length > 0) return 'wide'
  if (!hasValue) {
    const why = `No column of ${header.join(' | ')} is known as a value`
    throw new ProfileFieldMissingError({ field: 'columns', why, say: '{ "value": "…" }' })
  }
  const left = 'tidy (a row a reading)'
  const right = `wide (a series each: ${others.join(', ')})`
  throw new TwoAnswersError({ field: 'layout', left, right, example: 'The header' })
}

function tidyColumns(header: readonly string[], { at, profile }: Seen): Columns {
  const value = (role: ProfileColumn, more: Partial<ValueColumn>): ValueColumn[] => {
    const index = at[role]
    if (index === undefined) return []
    const base = { at: index, header: header[index] ?? '', meter: null, meterSuffix: '' }
    const qualityAt = qualityBehind(header, at, index)
    return [{ ...base, isExport: false, minute: null, qualityAt, ...more }]
  }
  const isExport = profile.sign === 'export'
  const main = [
    ...value('value', { isExport: isExport || (!profile.sign && isExportName(header, at.value)) }),
    ...value('import', {}),
    ...value('export', { isExport: true, meterSuffix: '-export' }),
  ]
  const values = main.length > 0 ? main : value('power', { isExport })
  if (values.length === 0) {
    const why = `No column of ${header.join(' | ')} is known as a value`
    throw new ProfileFieldMissingError({ field: 'columns', why, say: '{ "value": "…" }' })
  }
  const evidence = [...namedEvidence(header, at)]
  if (profile.sign === undefined && isExportName(header, at.value)) {
    const why = `the column is called ${header[at.value!]}`
    evidence.push({ field: 'sign', value: 'export', why })
  }
  const named = new Set(Object.values(at))
  const ignored = header.filter((name, index) => !named.has(index) && name.trim() !== '')
  if (ignored.length > 0) {
    const why = 'no part of a reading is called so'
    evidence.push({ field: 'not read', value: ignored.join(', '), why })
  }
  return { layout: 'tidy', at, values, evidence }
}

function isExportName(header: readonly string[], at: number | undefined): boolean {
  return at !== undefined && /\b(export|generation|injection)/.test(plainName(header[at] ?? ''))
}

function wideColumns(header: readonly string[], { at, profile }: Seen): Columns {
  // A series may have any name; only stamps are known by theirs.
  const stamps: At = {}
  for (const role of ['start', 'end', 'date', 'startTime', 'endTime'] as const) {
    if (at[role] !== undefined) stamps[role] = at[role]
  }
  const taken = new Set(Object.values(stamps))
  const values = header.flatMap((name, index): ValueColumn[] => {
    if (taken.has(index) || name.trim() === '') return []
    const meter = unitOfHeader(name, true) === null ? name.trim() : withoutUnit(name)
    const base = { at: index, header: name.trim(), meter, meterSuffix: '' }
    return [{ ...base, isExport: false, minute: null }]
  })
  if (values.length === 0) {
    const why = `The header ${header.join(' | ')} has a stamp and no series; is the delimiter right`
    throw new ProfileFieldMissingError({ field: 'delimiter', why, say: ';' })
  }
  // The one series of a file may have a name that says nothing.
  const [only] = values
  if (profile.meter !== undefined && only && values.length === 1) {
    values[0] = { ...only, meter: profile.meter }
  }
  const why =
    profile.layout === 'wide' ? 'said' : `${values.length} columns are no part of a reading`
  const layout = { field: 'layout', value: 'wide', why }
  return {
    layout: 'wide',
    at: stamps,
    values,
    evidence: [layout, ...namedEvidence(header, stamps)],
  }
}

/** A row a day: the columns that are times of day have the values. */
function daysColumns(header: readonly string[], at: At): Columns {
  const values = header.flatMap((name, index): ValueColumn[] => {
    const match = /^(\d{1,2}):(\d\d)$/.exec(name.trim())
    if (!match) return []
    const minute = Number(match[1]) * 60 + Number(match[2])
    const base = { at: index, header: name.trim(), meter: null, meterSuffix: '' }
    return [{ ...base, isExport: false, minute }]
  })
  const date = at.date ?? at.start
  if (values.length === 0 || date === undefined) {
    const why = `The header ${header.join(' | ')} has no column date with columns of times`
    throw new ProfileFieldMissingError({ field: 'layout', why, say: 'wide' })
  }
  const { start: _, ...others } = at
  const evidence = namedEvidence(header, { ...others, date })
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
