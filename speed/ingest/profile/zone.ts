import { IANAZone } from 'luxon'
import { ZoneNameError } from '../../../schemas/errors/profile.ts'
import type { EpochMs } from '../../../schemas/time.ts'

/** Wall-clock time as if it were UTC, in milliseconds. */
export type WallMs = number

export type Zone = {
  readonly name: string
  /** Ascending instants with this time on the clock: none where skipped, two where repeated. */
  instantsOf(wallMs: WallMs): readonly EpochMs[]
  wallOf(ms: EpochMs): WallMs
}

const dayMs = 86_400_000

/** Abbreviations and the zones they mean: by themselves they do not say when the clocks change. */
const suggestions: Readonly<Record<string, string>> = {
  BST: 'Europe/London',
  IST: 'Asia/Kolkata or Europe/Dublin',
  CET: 'Europe/Paris',
  CEST: 'Europe/Paris',
  MET: 'Europe/Berlin',
  EET: 'Europe/Helsinki',
  EEST: 'Europe/Helsinki',
  WET: 'Europe/Lisbon',
  WEST: 'Europe/Lisbon',
  EST: 'America/New_York',
  EDT: 'America/New_York',
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  MST: 'America/Denver',
  MDT: 'America/Denver',
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  AEST: 'Australia/Brisbane',
  AEDT: 'Australia/Sydney',
}

/** @throws ZoneNameError for an abbreviation and for an unknown name. */
export function openZone(name: string): Zone {
  if (!isZoneName(name)) {
    const suggestion = suggestions[name.toUpperCase()] ?? null
    throw new ZoneNameError({ zone: name, suggestion, fixed: fixedZoneOf(name) })
  }
  return clockOf(name)
}

/** UTC, or the name of a place. */
export function isZoneName(name: string): boolean {
  return name === 'UTC' || (name.includes('/') && IANAZone.isValidZone(name))
}

/** `+01:00` and `UTC+1` are Etc/GMT-1, whose sign is the other way round; null of half an hour. */
export function fixedZoneOf(offset: string): string | null {
  const match = /^(?:UTC|GMT)?([+-])0?(\d{1,2})(?::?00)?$/i.exec(offset.replace(/\s/g, ''))
  if (!match) return null
  const name = `Etc/GMT${match[1] === '+' ? '-' : '+'}${match[2]}`
  return IANAZone.isValidZone(name) ? name : null
}

/** The clock of a zone whose name is known to be one. */
export function clockOf(name: string): Zone {
  const zone = IANAZone.create(name)
  const byDay = new Map<number, number>()
  const offsetMsOf = (day: number) => {
    const known = byDay.get(day)
    if (known !== undefined) return known
    const offset = zone.offset(day * dayMs) * 60_000
    byDay.set(day, offset)
    return offset
  }
  const offsetMsAt = (ms: EpochMs) => zone.offset(ms) * 60_000
  return {
    name,
    wallOf: (ms) => {
      const day = Math.floor(ms / dayMs)
      const before = offsetMsOf(day)
      return ms + (before === offsetMsOf(day + 1) ? before : offsetMsAt(ms))
    },
    instantsOf: (wallMs) => {
      const day = Math.floor(wallMs / dayMs)
      const before = offsetMsOf(day - 1)
      const after = offsetMsOf(day + 2)
      if (before === after) return [wallMs - before]
      const candidates = [wallMs - before, wallMs - after].sort((left, right) => left - right)
      return candidates.filter((ms) => ms + offsetMsAt(ms) === wallMs)
    },
  }
}
