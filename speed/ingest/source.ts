import { DeadLetterSourceError, DeadLetterStampError } from '../../schemas/errors/input.ts'
import { type BodyFormat, formatKinds, type WideUnit } from './format.ts'

/**
 * Where a rejected row came from, with what is needed to parse its bytes again:
 * `client?kind=tidy&zone=UTC&hint=meter,start,…`.
 */
export function sourceOf(client: string, format: BodyFormat, hint: string): string {
  const query = new URLSearchParams({ kind: format.kind, zone: format.zone })
  if (format.kind === 'wide') {
    query.set('unit', format.unit)
    query.set('step', String(format.stepS))
  }
  if (hint !== '') query.set('hint', hint)
  return `${client}?${query}`
}

/**
 * A body of one row that parses as the rejected row did, and its format; for a retry.
 *
 * @throws InvalidArgumentError for a row that cannot be restored from its bytes: a wide line with
 * an unreadable timestamp, or truncated bytes.
 */
export function bodyOfDeadLetter(
  source: string,
  original: Uint8Array,
): { readonly body: Uint8Array; readonly format: BodyFormat } {
  const query = new URLSearchParams(source.slice(source.lastIndexOf('?') + 1))
  const kind = formatKinds.find((each) => each === query.get('kind'))
  if (!kind) throw new DeadLetterSourceError({ source })
  const format: BodyFormat = {
    kind,
    zone: query.get('zone') ?? 'UTC',
    unit: (query.get('unit') ?? 'wh') as WideUnit,
    stepS: Number(query.get('step') ?? 0),
  }
  return { body: bodyOf(format, query.get('hint') ?? '', original), format }
}

function bodyOf(format: BodyFormat, hint: string, original: Uint8Array): Uint8Array {
  switch (format.kind) {
    case 'json':
      return join(['[', original, ']'])
    case 'tidy':
      return join([`${hint}\n`, original])
    case 'wide':
      return wideBodyOf(hint, original)
    default:
      return original
  }
}

function wideBodyOf(hint: string, original: Uint8Array): Uint8Array {
  const [at, ...meter] = hint.split(',')
  if (!at) throw new DeadLetterStampError()
  const cells = new TextDecoder().decode(original).split(',')
  return join([`start,${meter.join(',')}\n${cells[0]},${cells[Number(at)] ?? ''}`])
}

function join(parts: readonly (string | Uint8Array)[]): Uint8Array {
  const encoder = new TextEncoder()
  const chunks = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part))
  const body = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}
