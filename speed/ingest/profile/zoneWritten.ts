import { ContradictionError } from '../../../schemas/errors/profile.ts'
import { OffsetNotReadError, UnknownZoneError } from '../../../schemas/errors/profileField.ts'
import type { TableRow } from '../table/table.ts'
import type { Profile, ProfileColumn } from './profileShape.ts'
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
  readonly columns: { readonly at: Readonly<Partial<Record<ProfileColumn, number>>> }
  readonly preamble: readonly TableRow[]
  readonly headerLine: number | null
}

/**
 * UTC or GMT in the name of a stamp says its zone; else a line above the header may say it, or
 * the line of units below it, as `GMT,kWh,kWh` does.
 */
export function zoneWritten(table: TableHead): ZoneWritten | null {
  const { header, columns, preamble } = table
  for (const role of ['start', 'end', 'date', 'startTime', 'endTime'] as const) {
    const name = (header[columns.at[role] ?? -1] ?? '').trim()
    const text = zoneInName(name)
    if (text !== null) return { zone: zoneOf(text), text, where: `the column "${name}" says` }
  }
  for (const { cells, line } of preamble) {
    const isUnits = table.headerLine !== null && line > table.headerLine
    const text = isUnits ? zoneInName(cells[0] ?? '') : zoneBeside(cells)
    if (text !== null && text !== '')
      return { zone: zoneOf(text), text, where: `line ${line} says` }
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
  { header, cells }: { readonly header: readonly string[]; readonly cells: readonly string[] },
): void {
  if (written === null) {
    if (said === undefined) refuseOffsets(header, cells)
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
function refuseOffsets(header: readonly string[], cells: readonly string[]): void {
  const column = header.find((name, at) => {
    const plain = plainName(name)
    // A zone may be one of a market.
    return offsets.test(plain) || (plain === 'zone' && saysZone(cells[at]?.trim() ?? ''))
  })
  if (column !== undefined) throw new OffsetNotReadError({ column })
}

function saysZone(text: string): boolean {
  return (
    isZoneName(text) ||
    zoneOf(text) !== null ||
    new RegExp(`^(${clocks})$`).test(text) ||
    /^(?:utc|gmt)?[+-]\d{1,2}(?::?\d\d)?$/i.test(text)
  )
}

const offsets =
  /^(?:(?:utc|gmt|tz|time ?zone|zone) offset|offset(?: utc| gmt)?|tz|time ?zone|zeitzone)$/

const utcInName = /(?:^|[^a-z])((?:utc|gmt)(?:\s*[+-]\s*\d{1,2}(?::?\d\d)?)?)(?![a-z])/

/** Abbreviations of clocks; in small letters some of them are words. */
const clocks =
  'CES?T|MES?Z|EES?T|WES?T|BST|[ECMP][SD]T|AK[SD]T|HST|A[ECW][SD]T|ACST|NZ[SD]T|JST|KST|SAST|MSK'
const clockInName = new RegExp(`[([]\\s*(${clocks}|[ECMP]T|IST|MET)\\s*[)\\]]|[ _](${clocks})$`)
const placeInName = /(?:^|[^A-Za-z])([A-Za-z]+(?:\/[A-Za-z][\w+-]+){1,2})/g

/**
 * `Timestamp (UTC)`, `start_utc`, `TimestampUtc`, `Time GMT+1`, `time_z`, `Zeit (CET)`, and the
 * name of a place, as in `timestamp_America/New_York`.
 */
function zoneInName(name: string): string | null {
  const place = [...name.matchAll(placeInName)].map(([, each]) => each!).find(isZoneName)
  if (place !== undefined) return place
  const [, inBrackets, behind] = clockInName.exec(name.replace(/_[a-z]+$/, upper)) ?? []
  if (inBrackets !== undefined || behind !== undefined) return inBrackets ?? behind!
  const spaced = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  const text = utcInName.exec(spaced)?.[1]
  if (text !== undefined) return text.toUpperCase().replace(/\s/g, '')
  return /[\s_(]z\)?$/.test(spaced) ? 'UTC' : null
}

function upper(text: string): string {
  return text.toUpperCase()
}

/** Whether the name of a stamp says that it is in UTC. */
export function namesUtc(name: string): boolean {
  const text = zoneInName(name)
  return text !== null && zoneOf(text) === 'UTC'
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
