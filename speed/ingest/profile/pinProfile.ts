import type { StatusOf } from './absentWords.ts'
import type { Columns } from './findColumns.ts'
import { namesFedIn } from './flowWords.ts'
import type { Profile, ProfileColumn } from './profileShape.ts'
import type { PinnedProfile } from './reading.ts'
import type { NumberStyle } from './readNumber.ts'

export type Detected = {
  readonly columns: Columns
  readonly header: readonly string[]
  /** The meter where no column names it. */
  readonly meter: string
  readonly pattern: string
  readonly style: NumberStyle
  readonly isEnd: boolean
  readonly statusOf: StatusOf
}

/** A profile that reads a part of the file, even one cell of it, as the whole file was read. */
export function pinProfile(profile: Profile, detected: Detected): PinnedProfile {
  const { columns, header, meter, pattern, style, isEnd, statusOf } = detected
  const said = Object.entries(profile).filter(([field]) => !ofBytes.has(field))
  const quality = columns.layout === 'wide' ? profile.columns?.quality : undefined
  const named = Object.entries(columns.at).map(([role, at]) => [role, header[at] ?? ''])
  return {
    profile: {
      ...Object.fromEntries(said),
      ...(meter === '' ? {} : { meter }),
      layout: columns.layout,
      columns: {
        ...(Object.fromEntries(named) as Partial<Record<ProfileColumn, string>>),
        ...(quality === undefined ? {} : { quality }),
      },
      dateFormat: pattern,
      decimal: style.decimal,
      ...(style.thousands === '' ? {} : { thousands: style.thousands as ',' }),
      stamp: isEnd ? 'end' : 'start',
      // By the name of its column; each series of a wide file has a name of its own.
      ...(isExportByName(columns) ? { sign: 'export' as const } : {}),
    },
    nameAlone: (name) => timeOf(columns, name) ?? name,
    columnsAlone: (name) => (isExportBeside(columns, name) ? { export: name } : {}),
    statusBeside: (name) => {
      const value = columns.values.find(({ header: each }) => each.trim() === name.trim())
      if (value === undefined) return []
      return [value.qualityAt ?? [], statusOf.get(value) ?? []].flat()
    },
    shared: [...new Set(Object.values(columns.at))].filter((at) => {
      return !columns.values.some((value) => value.at === at)
    }),
  }
}

function isExportByName({ layout, values }: Columns): boolean {
  if (layout === 'wide') return false
  return values.some(({ isExport, meterSuffix }) => isExport && meterSuffix === '')
}

/** A series of what is fed in whose name says it beside others only, such as `received`. */
function isExportBeside({ layout, values }: Columns, name: string): boolean {
  const found = values.find(({ header }) => header === name.trim())
  return layout === 'wide' && found?.isExport === true && !namesFedIn(name)
}

/**
 * The time of the day that a column of a row a day is of. Alone, HH17 says none, and 00:00 behind
 * the others would be the start of its day and not the end.
 */
function timeOf({ layout, values }: Columns, name: string): string | null {
  if (layout !== 'days') return null
  const at = values.findIndex(({ header }) => header === name.trim())
  const minute = values[at]?.minute ?? null
  if (minute === null) return null
  const isLast = minute === 0 && at > 0
  const hours = isLast ? 24 : Math.floor(minute / 60)
  return `${String(hours).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** Fields about bytes: one cell comes as text. */
const ofBytes: ReadonlySet<string> = new Set([
  ...['format', 'encoding', 'delimiter', 'headerRow', 'sheet', '$schema', 'title', 'note'],
])
