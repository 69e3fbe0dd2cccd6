import { LayoutError } from '../../../schemas/errors/input.ts'
import { MediaTypeError } from '../../../schemas/errors/request.ts'
import { profileOfTexts } from '../profile/profileOfTexts.ts'
import type { Profile } from '../profile/profileShape.ts'
import { openZone } from '../profile/zone.ts'
import type { TableFormat } from '../table/table.ts'

/** How to read a body: exactly tidy, a frame, or any table by a profile. */
export type BodyFormat =
  | { readonly kind: 'json' | 'ndjson' | 'tidy'; readonly zone: string | undefined }
  | { readonly kind: 'frame' }
  | { readonly kind: 'table'; readonly profile: Profile }

export type FormatQuery = Readonly<Record<string, string>>

const mediaTypes: Readonly<Record<string, TableFormat | 'frame' | 'any'>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
  'application/xml': 'espi-xml',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.wattproof.frame': 'frame',
  'application/octet-stream': 'any',
}

export const readingMediaTypes = Object.keys(mediaTypes)

/**
 * The format of a request, from its media type and query. Without a query JSON, NDJSON and CSV are
 * tidy; whatever else the query says is a profile.
 *
 * @throws InvalidArgumentError with a message for the client.
 */
export function formatOf(mediaType: string, query: FormatQuery): BodyFormat {
  const base = mediaType.split(';')[0]!.trim().toLowerCase()
  const type = mediaTypes[base]
  if (!type) throw new MediaTypeError({ accepted: readingMediaTypes })
  const { layout, zone } = query
  if (layout !== undefined && !layouts.includes(layout)) throw new LayoutError({ layout })
  // Throws an error with a clear message for an unknown zone.
  if (zone !== undefined) openZone(zone)
  if (type === 'frame') return { kind: 'frame' }
  const said = Object.keys(query).filter((name) => name !== 'zone')
  const isTidy = said.every((name) => name === 'layout' && layout === 'tidy')
  if (isTidy && (type === 'json' || type === 'ndjson')) return { kind: type, zone }
  if (isTidy && type === 'csv') return { kind: 'tidy', zone }
  const profile = profileOfTexts(query)
  // CSV may also be meter data records, which begin with another word.
  const format = type === 'any' || type === 'csv' ? {} : { format: type }
  return { kind: 'table', profile: { ...format, ...profile } }
}

const layouts: readonly string[] = ['tidy', 'wide', 'days']
