import type { FastifyRequest } from 'fastify'
import { ReadingsQueryError, SaidByError } from '../../schemas/errors/input.ts'
import { IdempotencyKeyError } from '../../schemas/errors/request.ts'
import { RestateParameterError } from '../../schemas/errors/word.ts'
import { isMeterId } from '../../schemas/ids.ts'
import type { FormatQuery } from '../ingest/body/format.ts'
import type { IngestLimits } from '../ingest/limits.ts'
import { isProfileField } from '../ingest/profile/profileOfTexts.ts'

/** @throws IdempotencyKeyError */
export function keyOf(request: FastifyRequest, { keyCharsMax }: IngestLimits): string {
  const key = request.headers['idempotency-key'] ?? ''
  const isGood = typeof key === 'string' && key.length <= keyCharsMax && /^[\x21-\x7e]*$/.test(key)
  if (!isGood) throw new IdempotencyKeyError({ charsMax: keyCharsMax })
  return key as string
}

type Query = FormatQuery & Partial<Readonly<Record<(typeof ownParameters)[number], string>>>

/** Beside the fields of a profile. */
const ownParameters = ['file', 'source', 'ingest', 'restate'] as const

/** Where the dead letters of a request say they came from: its file, or its address. */
export function fileOf(
  request: FastifyRequest,
  { file = request.ip }: { readonly file?: string | undefined },
  { cellCharsMax }: IngestLimits,
): string {
  return file.slice(0, cellCharsMax)
}

export function queryOf(request: FastifyRequest): Query {
  const query = request.query as Record<string, unknown>
  for (const [name, value] of Object.entries(query)) {
    const isKnown = isProfileField(name) || ownParameters.some((own) => own === name)
    if (!isKnown || typeof value !== 'string') throw new ReadingsQueryError({ name })
  }
  for (const name of ['source', 'ingest'] as const) {
    const value = query[name]
    if (value !== undefined && !isMeterId(value as string)) throw new SaidByError({ name })
  }
  const { restate = 'allow' } = query as { readonly restate?: string }
  if (restate !== 'allow' && restate !== 'refuse')
    throw new RestateParameterError({ text: restate })
  return query as Query
}
