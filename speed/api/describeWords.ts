import type { FastifySchema } from 'fastify'
import * as z from 'zod'
import { instantText } from '../../schemas/instantText.ts'

const count = z.int().nonnegative()
const instant = z.iso.datetime()
const position = z.record(z.string(), count).describe('offset of the act in each partition')

const ingest = z.object({
  ingest: z.string(),
  source: z.string(),
  words: count,
  meters: count,
  first: instant.describe('start of the first interval'),
  last: instant,
  logged: instant.describe('when the first of it came'),
  energyMwh: z.int(),
  isWithdrawn: z.boolean(),
  left: count.describe('words that a withdrawal that was cut has not reached: send it again'),
})

const word = z.object({
  source: z.string(),
  ingest: z.string(),
  energyMwh: z.int().nullable().describe('null: the source says that there is none'),
  durationS: count,
  quality: count.describe('0 estimated, 1 substituted, 2 measured'),
  standing: z.enum(['fill', 'stated', 'held']),
  revision: count,
  saidAt: instant.nullable(),
  logged: instant,
  place: z.string().describe('partition/offset/row in the log'),
  isWithdrawn: z.boolean(),
  counts: z.boolean(),
})

const source = z.object({ source: z.string(), words: count, meters: count, logged: instant })
const rank = z.object({ source: z.string(), from: instant, rank: z.int() })
/** Rank of a source, for intervals from an instant on. */
export const rankBody = z.strictObject({
  rank: z.int().min(-1_000_000).max(1_000_000).describe('the larger one counts'),
  from: instantText.optional().describe('always without'),
})
const limit = z.coerce.number().int().min(1).max(10_000).default(1_000)

export const listQuery = z.strictObject({ limit })
export const wordsQuery = z.strictObject({
  meter: z.string(),
  start: instantText.describe('start of the interval'),
})

const withdrawn = z.object({
  ingest: z.string(),
  words: count,
  wasWithdrawn: z.boolean().describe('before; nothing has changed where it had reached them all'),
  position,
})

export const describedIngests = {
  operationId: 'listIngests',
  tags: ['readings'],
  summary: 'What came with each ingest, the latest first',
  querystring: listQuery,
  response: { 200: z.object({ ingests: z.array(ingest) }) },
} satisfies FastifySchema

export const describedWithdrawal = {
  operationId: 'withdrawIngest',
  tags: ['readings'],
  summary:
    'Takes a whole ingest back, as if it had never been said; idempotent: sent again it ' +
    'completes one that was cut, as the next start does',
  params: z.strictObject({ ingest: z.string() }),
  body: z.strictObject({}).optional(),
  response: { 202: withdrawn },
} satisfies FastifySchema

export const describedWords = {
  operationId: 'listWords',
  tags: ['readings'],
  summary: 'Everything that was said of one interval of a meter, and which word counts',
  querystring: wordsQuery,
  response: { 200: z.object({ meter: z.string(), start: instant, words: z.array(word) }) },
} satisfies FastifySchema

export const describedSources = {
  operationId: 'listSources',
  tags: ['readings'],
  summary: 'Who has said something, and how sources rank',
  querystring: listQuery,
  response: { 200: z.object({ sources: z.array(source), ranks: z.array(rank) }) },
} satisfies FastifySchema

export const describedRank = {
  operationId: 'rankSource',
  tags: ['readings'],
  summary: 'Ranks a source among others, for intervals from an instant on',
  params: z.strictObject({ source: z.string() }),
  body: rankBody,
  response: { 202: z.object({ source: z.string(), position }) },
} satisfies FastifySchema

export type ListedIngests = Readonly<z.infer<(typeof describedIngests)['response'][200]>>
export type ListedWords = Readonly<z.infer<(typeof describedWords)['response'][200]>>
export type ListedSources = Readonly<z.infer<(typeof describedSources)['response'][200]>>
export type Withdrawn = Readonly<z.infer<(typeof describedWithdrawal)['response'][202]>>
