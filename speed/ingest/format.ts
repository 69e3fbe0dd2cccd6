import { LayoutError, UnitError, WideStepError } from '../../schemas/errors/input.ts'
import { MediaTypeError } from '../../schemas/errors/request.ts'
import { localDayOf } from '../../schemas/time.ts'
import { ingestLimits } from './limits.ts'

export const formatKinds = ['json', 'ndjson', 'tidy', 'wide', 'frame'] as const
export type FormatKind = (typeof formatKinds)[number]

export const wideUnits = ['kwh', 'wh', 'w', 'kw'] as const
export type WideUnit = (typeof wideUnits)[number]

/** How to parse a body. */
export type BodyFormat = {
  readonly kind: FormatKind
  /** Time zone of timestamps without an offset. */
  readonly zone: string
  /** Unit of the values in a wide file. */
  readonly unit: WideUnit
  /** Length of the intervals in a wide file, s; 0 for other formats. */
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
 * @throws InvalidArgumentError with a message for the client.
 */
export function formatOf(mediaType: string, query: FormatQuery): BodyFormat {
  const base = mediaType.split(';')[0]!.trim().toLowerCase()
  const kind = mediaTypes[base]
  if (!kind) throw new MediaTypeError({ accepted: readingMediaTypes })
  const { layout = 'tidy', unit = 'kwh', step, zone = 'UTC' } = query
  if (layout !== 'tidy' && layout !== 'wide') throw new LayoutError({ layout })
  // Throws an error with a clear message for an unknown zone.
  localDayOf(0, zone)
  if (kind !== 'tidy' || layout === 'tidy') return { kind, zone, unit: 'wh', stepS: 0 }
  const stepS = Number(step ?? Number.NaN)
  const isStep = Number.isInteger(stepS) && stepS >= 1 && stepS <= ingestLimits.durationSMax
  if (!isStep) throw new WideStepError({ step, stepSMax: ingestLimits.durationSMax })
  const isUnit = (wideUnits as readonly string[]).includes(unit)
  if (!isUnit) throw new UnitError({ unit, units: wideUnits })
  return { kind: 'wide', zone, unit: unit as WideUnit, stepS }
}
