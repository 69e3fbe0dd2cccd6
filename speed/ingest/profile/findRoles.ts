import { ColumnNotThereError, TwoAnswersError } from '../../../schemas/errors/profile.ts'
import { knownNames } from './knownNames.ts'
import type { Profile, ProfileColumn } from './profileShape.ts'
import { plainName, withoutUnit } from './readUnit.ts'
import { namesUtc } from './zoneWritten.ts'

const roles = Object.keys(knownNames) as ProfileColumn[]

/** By role, the place of the column that has it. */
export type At = Partial<Record<ProfileColumn, number>>

export function isStamped({ start, end, date }: At): boolean {
  return start !== undefined || end !== undefined || date !== undefined
}

/** The first column is the stamp, whatever its name; that of an end may say so. */
export function firstColumn([name = '']: readonly string[]): At {
  return namesEnd.test(plainName(name)) ? { end: 0 } : { start: 0 }
}

const endWords = 'end|ends|ending|fine?|fim|hasta|ate|tot|till?|slutt?|einde?|loppu|koniec|konec'
const namesEnd = new RegExp(`\\b(?:${endWords})\\b|ende\\b|\\b(?:end(?:zeit|tijd)|slut|eind)|end$`)

/** Whether a file has every column that a profile needs, by exactly its names. */
export function namesAllOf(header: readonly string[], { columns }: Profile): boolean {
  const names = new Set(header.map(spaced))
  return Object.entries(columns ?? {}).every(([role, said]) => {
    if (!isNeeded(role as ProfileColumn, columns!)) return true
    return [said ?? []].flat().some((name) => names.has(spaced(name)))
  })
}

function spaced(name: string): string {
  return name.trim().toLowerCase().replace(/\s+/g, ' ')
}

/** The columns that a profile names, or null where it names none. */
export function saidColumns(header: readonly string[], { columns }: Profile): At | null {
  if (!columns) return null
  const plain = header.map(spaced)
  const at: At = {}
  for (const role of Object.keys(columns) as ProfileColumn[]) {
    const names = [columns[role] ?? []].flat()
    const found = names.map((name) => plain.indexOf(spaced(name))).find((each) => each >= 0)
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

/** @param first cells of a row, which show what the columns hold. */
export function detectedColumns(header: readonly string[], first: readonly string[]): At {
  const at: At = {}
  header.forEach((name, index) => {
    const role = roleOf(name) ?? roleOfStamp(name)
    if (role === undefined) return
    const before = at[role]
    if (before === undefined || isUtcBeside(name, header[before]!)) at[role] = index
  })
  powerAlone(header, at)
  withoutLocal(header, at)
  withoutOtherClock(header, first, at)
  if (at.date !== undefined) {
    // `von` and `bis` beside a date are times of its day.
    for (const [whole, time] of [
      ['start', 'startTime'],
      ['end', 'endTime'],
    ] as const) {
      const index = at[whole]
      if (index === undefined || !timeAlone.test(first[index]?.trim() ?? '')) continue
      at[time] ??= index
      delete at[whole]
    }
  }
  if (at.date === undefined && at.endTime !== undefined && at.startTime === undefined) {
    at.end ??= at.endTime
    delete at.endTime
  }
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
  checkDate(header, at)
  return at
}

/** A column called kW is the value where no other one is: beside kWh it is the peak. */
function powerAlone(header: readonly string[], at: At): void {
  const valued = [at.value, at.import, at.export, at.power]
  const index = header.findIndex((name) => plainName(name) === 'kw')
  if (index >= 0 && valued.every((each) => each === undefined)) at.value = index
}

const timeAlone = /^\d{1,2}(?:[:.h]\d{2}){1,2}(?: ?[ap]\.?m\.?)?$/i
const stampRoles: readonly ProfileColumn[] = ['start', 'end', 'date', 'startTime', 'endTime']

/** The role of a stamp whose name also says UTC or local time. */
function roleOfStamp(name: string): ProfileColumn | undefined {
  const bare = plainName(name).replace(/\b(?:utc|gmt|local)\b/g, ' ')
  const role = roleOf(bare.trim())
  return role !== undefined && stampRoles.includes(role) ? role : undefined
}

/** A stamp, whether or not it is the one that is read. */
export function isStampName(name: string): boolean {
  const role = roleOf(name) ?? roleOfStamp(name)
  return role !== undefined && stampRoles.includes(role)
}

/** The same stamp in UTC needs no zone, and has no hour twice. */
function isUtcBeside(name: string, other: string): boolean {
  return namesUtc(name) && !namesUtc(other)
}

/** A date and a time of day of a local clock, beside a whole stamp in UTC. */
function withoutLocal(header: readonly string[], at: At): void {
  const stamp = header[at.start ?? at.end ?? -1] ?? ''
  for (const role of ['date', 'startTime', 'endTime'] as const) {
    if (at[role] !== undefined && isUtcBeside(stamp, header[at[role]]!)) delete at[role]
  }
}

const ownOffset = /\d[:.h]\d\d\S* ?(?:Z|[+-]\d\d(?::?\d\d)?)$/i

/**
 * An end of another clock than the start: the end of its own clock is read, or none, and the length
 * is that between the stamps. Stamps that say their offsets are of one clock, whatever their names.
 */
function withoutOtherClock(header: readonly string[], first: readonly string[], at: At): void {
  const pairs = [['start', 'end'] as const, ['startTime', 'endTime'] as const]
  for (const [from, to] of pairs) {
    const [start, end] = [at[from], at[to]]
    if (start === undefined || end === undefined) continue
    const isUtc = namesUtc(header[start]!)
    if (namesUtc(header[end]!) === isUtc) continue
    if ([start, end].every((each) => ownOffset.test(first[each]?.trim() ?? ''))) continue
    const own = header.findIndex((name) => {
      return (roleOf(name) ?? roleOfStamp(name)) === to && namesUtc(name) === isUtc
    })
    if (own < 0) delete at[to]
    else at[to] = own
  }
}

/** A date beside another stamp is either a part of it or of no use; its name does not say which. */
function checkDate(header: readonly string[], { date, start, end }: At): void {
  const other = start ?? end
  if (date === undefined || other === undefined) return
  const [day, stamp] = [header[date]!.trim(), header[other]!.trim()]
  const [alone, time] = start === undefined ? ['end', 'endTime'] : ['start', 'startTime']
  const both = `{ "date": "${day}", "${time}": "${stamp}" }`
  throw new TwoAnswersError({
    field: `columns, such as ${both} or { "${alone}": "${stamp}" }`,
    left: `a date (${day}) with a time of day (${stamp})`,
    right: `whole stamps (${stamp}) beside a date that is not read`,
    example: `The header ${header.join(' | ')}`,
  })
}

function roleOf(name: string): ProfileColumn | undefined {
  const plain = plainName(name)
  const bare = plainName(withoutUnit(name)).replace(/ [km]?wh?$/, '')
  return roles.find((role) => knownNames[role]!.some((word) => word === plain || word === bare))
}

/** Two columns that are known as what one meter took: the second would restate the first. */
export function checkOneValue(header: readonly string[], { columns }: Profile): void {
  if (columns) return
  const taken = header.filter((name) => ['value', 'import'].includes(roleOf(name) ?? ''))
  const [left, right] = taken
  if (left === undefined || right === undefined) return
  const field = `columns, such as { "value": "${left}" }`
  throw new TwoAnswersError({ field, left, right, example: 'The value of a meter' })
}
