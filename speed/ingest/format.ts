import { InvalidArgumentError, validateArgument } from '../../schemas/errors/wattproofError.ts'
import { localDayOf } from '../../schemas/time.ts'
import { ingestLimits } from './limits.ts'

export const formatKinds = ['json', 'ndjson', 'tidy', 'wide', 'frame'] as const
export type FormatKind = (typeof formatKinds)[number]

export const wideUnits = ['kwh', 'wh', 'w', 'kw'] as const
export type WideUnit = (typeof wideUnits)[number]

/** How a body is to be read. */
export type BodyFormat = {
  readonly kind: FormatKind
  /** Zone of stamps without an offset. */
  readonly zone: string
  /** Of the values of a wide file. */
  readonly unit: WideUnit
  /** Length of the intervals of a wide file, s; 0 elsewhere. */
  readonly stepS: number
}

export type FormatQuery = {
  readonly layout?: string | undefined
  readonly unit?: string | undefined
  readonly step?: string | undefined
  readonly zone?: string | undefined
}

const mediaTypes: Readonly<Record<string, FormatKind>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'text/csv': 'tidy',
  'application/vnd.wattproof.frame': 'frame',
}

export const readingMediaTypes = Object.keys(mediaTypes)

/**
 * The format of a request, from its media type and query.
 *
 * @throws InvalidArgumentError with a sentence for the client.
 */
export function formatOf(mediaType: string, query: FormatQuery): BodyFormat {
  const base = mediaType.split(';')[0]!.trim().toLowerCase()
  const kind = mediaTypes[base]
  if (!kind) throw new InvalidArgumentError(`${base} holds no readings.`)
  const { layout = 'tidy', unit = 'kwh', step, zone = 'UTC' } = query
  validateArgument(layout === 'tidy' || layout === 'wide', `layout is tidy or wide, not ${layout}.`)
  // Fails with a sentence when there is no such zone.
  localDayOf(0, zone)
  if (kind !== 'tidy' || layout === 'tidy') return { kind, zone, unit: 'wh', stepS: 0 }
  const stepS = Number(step ?? Number.NaN)
  const isStep = Number.isInteger(stepS) && stepS >= 1 && stepS <= ingestLimits.durationSMax
  validateArgument(isStep, 'A wide file needs step, a whole number of seconds from 1 to 86400.')
  const isUnit = (wideUnits as readonly string[]).includes(unit)
  validateArgument(isUnit, `unit is one of ${wideUnits.join(', ')}, not ${unit}.`)
  return { kind: 'wide', zone, unit: unit as WideUnit, stepS }
}
