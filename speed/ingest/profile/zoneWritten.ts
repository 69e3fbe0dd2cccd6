import { ContradictionError } from '../../../schemas/errors/profile.ts'
import { OffsetNotReadError, UnknownZoneError } from '../../../schemas/errors/profileField.ts'
import type { TableRow } from '../table/table.ts'
import type { Columns } from './findColumns.ts'
import type { Profile } from './profileShape.ts'
import { plainName } from './readUnit.ts'
import { clockOf, fixedZoneOf, isZoneName } from './zone.ts'

/** The zone that a file itself says, as it is written, and where. */
export type ZoneWritten = {
  /** Null where the words name no zone, such as CET or UTC+1. */
  readonly zone: string | null
  readonly text: string
  readonly where: string
}

type TableHead = {
  readonly header: readonly string[]
  readonly columns: Columns
  readonly preamble: readonly TableRow[]
}

/** UTC or GMT in the name of a stamp says its zone; else a line above the header may say it. */
export function zoneWritten({ header, columns, preamble }: TableHead): ZoneWritten | null {
  for (const role of ['start', 'end', 'date', 'startTime', 'endTime'] as const) {
    const name = (header[columns.at[role] ?? -1] ?? '').trim()
    const text = zoneInName(name)
    if (text !== null) return { zone: zoneOf(text), text, where: `the column "${name}" says` }
  }
  for (const { cells, line } of preamble) {
    const text = zoneBeside(cells)
    if (text !== '') return { zone: zoneOf(text), text, where: `line ${line} says` }
  }
  return null
}

/** A zone that is said, or else the one that the file says. */
export function withZoneWritten(profile: Profile, written: ZoneWritten | null): Profile {
  const zone = profile.zone ?? written?.zone
  return zone ? { ...profile, zone } : profile
}

/**
 * Checks the zone of stamps without an offset.
 *
 * @throws ContradictionError where the file names another zone than the one that was set. Where
 * none was set, UnknownZoneError if the file names one that is not known, OffsetNotReadError if it
 * has a column of offsets.
 */
export function checkZone(
  written: ZoneWritten | null,
  said: string | undefined,
  header: readonly string[],
): void {
  if (written === null) {
    if (said === undefined) refuseOffsets(header)
    return
  }
  const { zone, text, where } = written
  if (zone !== null && said !== undefined && !isSameClock(zone, said)) {
    throw new ContradictionError({ field: 'zone', said, found: text, where })
  }
  if (zone === null && said === undefined) {
    throw new UnknownZoneError({ where, text, fixed: fixedZoneOf(text) })
  }
}

/** A column of offsets that is not read: the stamps of its rows are not those of one zone. */
function refuseOffsets(header: readonly string[]): void {
  const column = header.find((name) => offsets.test(plainName(name)))
  if (column !== undefined) throw new OffsetNotReadError({ column })
}

const offsets =
  /^(?:(?:utc|gmt|tz|time ?zone|zone) offset|offset(?: utc| gmt)?|tz|time ?zone|zeitzone)$/

const utcInName = /(?:^|[^a-z])((?:utc|gmt)(?:\s*[+-]\s*\d{1,2}(?::?\d\d)?)?)(?![a-z])/

/** `Timestamp (UTC)`, `start_utc`, `TimestampUtc`, `Time GMT+1`, `time_z` and that of a place. */
function zoneInName(name: string): string | null {
  const spaced = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  const text = utcInName.exec(spaced)?.[1]
  if (text !== undefined) return text.toUpperCase().replace(/\s/g, '')
  const place = /[A-Za-z]+(?:\/[A-Za-z_+-]+)+/.exec(name)?.[0]
  if (place !== undefined && isZoneName(place)) return place
  return /[\s_(]z\)?$/.test(spaced) ? 'UTC' : null
}

const zoneNames = new Set([
  ...['zone', 'time zone', 'timezone', 'tz', 'zeitzone', 'fuseau horaire', 'zona horaria'],
  ...['fuso orario', 'fuso horario', 'tijdzone', 'tidszon', 'tidssone', 'tidszone'],
])

/** Behind its name, in the cell beside it or behind a colon. */
function zoneBeside(cells: readonly string[]): string {
  const [first = '', second = ''] = cells
  const [, name = first, behind = second] = /^([^:]+):\s*(\S.*)$/.exec(first.trim()) ?? []
  return zoneNames.has(plainName(name)) ? behind.trim() : ''
}

function zoneOf(text: string): string | null {
  if (/^(?:utc|gmt|z|zulu)(?:[+-]0{1,2}(?::?00)?)?$/i.test(text)) return 'UTC'
  return isZoneName(text) ? text : null
}

/** Both show the same in January and in July. */
function isSameClock(left: string, right: string): boolean {
  const [one, other] = [clockOf(left), clockOf(right)]
  return [0, 6].every((month) => {
    const ms = Date.UTC(2024, month, 15)
    return one.wallOf(ms) === other.wallOf(ms)
  })
}
