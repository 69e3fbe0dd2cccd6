import type { FastifyInstance, FastifyRequest } from 'fastify'
import type * as z from 'zod'
import { NotJsonError, RequestShapeError } from '../../schemas/errors/request.ts'
import { NotFoundError } from '../../schemas/errors/wattproofError.ts'
import { SaidByError } from '../../schemas/errors/word.ts'
import { isMeterId } from '../../schemas/ids.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { readActs, readStoredActs } from '../../schemas/ports/readActs.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { decidedBy, emptyActs } from '../../schemas/reading/acts.ts'
import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import { isoUtc } from '../../schemas/time.ts'
import { describedOnly } from './describeRoutes.ts'
import { countingPlace, describeWord } from './describeWord.ts'
import {
  describedIngests,
  describedRank,
  describedSources,
  describedWithdrawal,
  describedWords,
  listQuery,
  rankBody,
  wordsQuery,
} from './describeWords.ts'
import { createRanking } from './rankSource.ts'
import type { RegisterStore } from './registerStore.ts'
import type { Withdrawals } from './withdrawals.ts'

export type WordRoutesOptions = {
  readonly log: Log
  readonly views: Views
  readonly partitions: number
  readonly withdrawals: Withdrawals
  readonly registerStore: Pick<RegisterStore, 'withdraw'>
}

/** What was said, by whom and with which ingest; and what the operator decides about it. */
export function registerWordRoutes(scope: FastifyInstance, options: WordRoutesOptions): void {
  const config = { problems: ['not-acknowledged', 'too-slow'] } as const
  const described = <Schema>(schema: Schema) => ({ config, schema, ...describedOnly })
  scope.get('/api/v1/ingests', described(describedIngests), (request) => {
    return listIngests(options, read(listQuery, 'query', request.query))
  })
  scope.get('/api/v1/words', described(describedWords), (request) => {
    return listWords(options, read(wordsQuery, 'query', request.query))
  })
  scope.get('/api/v1/sources', described(describedSources), (request) => {
    return listSources(options, read(listQuery, 'query', request.query))
  })
  const withdrawal = described(describedWithdrawal)
  scope.post('/api/v1/ingests/:ingest/withdrawal', withdrawal, async (request, reply) => {
    return reply.code(202).send(await withdraw(options, nameIn(request, 'ingest')))
  })
  const rankSource = createRanking(options)
  const ranked = {
    ...described(describedRank),
    config: { problems: ['conflict', ...config.problems] as const },
  }
  scope.post('/api/v1/sources/:source/rank', ranked, async (request, reply) => {
    const source = nameIn(request, 'source')
    const { rank, from } = read(rankBody, 'body', jsonOf(request))
    const fromMs = from === undefined ? 0 : Date.parse(from)
    const position = await rankSource({ kind: 'rank', source, fromMs, rank })
    return reply.code(202).send({ source, position })
  })
}

async function listIngests({ views }: WordRoutesOptions, { limit }: { readonly limit: number }) {
  const rows = await views.query('ingests', { ingest: '', limit })
  return { ingests: rows.map(describeIngest) }
}

function describeIngest(row: RowOf<'ingests'>) {
  const { ingest, source, words, meters, energy_mwh: energyMwh } = row
  return {
    ...{ ingest, source, words, meters, energyMwh, isWithdrawn: row.is_withdrawn === 1 },
    left: row.is_withdrawn === 1 ? row.left_words : 0,
    ...{ first: isoUtc(row.first_ms), last: isoUtc(row.last_ms), logged: isoUtc(row.logged_ms) },
  }
}

/** @throws NotFoundError for one that the archive has not seen: nothing is withdrawn in advance. */
async function withdraw(options: WordRoutesOptions, ingest: string) {
  const [known] = await options.views.query('ingests', { ingest, limit: 1 })
  if (!known) throw new NotFoundError('ingest', ingest)
  const acted = await options.withdrawals.withdraw(ingest)
  const position = { ...acted, ...(await options.registerStore.withdraw(ingest)) }
  return { ingest, words: known.words, wasWithdrawn: known.is_withdrawn === 1, position }
}

async function listSources({ views }: WordRoutesOptions, { limit }: { readonly limit: number }) {
  const rows = await views.query('sources', { limit })
  const sources = rows.map(({ source, words, meters, logged_ms }) => {
    return { source, words, meters, logged: isoUtc(logged_ms) }
  })
  // The same in every partition, once all have it.
  const ranks = (await readStoredActs(views)).flatMap(({ partition, act }) => {
    if (partition !== 0 || act.kind !== 'rank') return []
    return { source: act.source, from: isoUtc(act.fromMs), rank: act.rank }
  })
  return { sources, ranks }
}

type Interval = { readonly meter: string; readonly start: string }

/** In the order of the log. */
async function listWords({ views }: WordRoutesOptions, { meter, start }: Interval) {
  const from_ms = Date.parse(start)
  const rows = await views.query('words_between', {
    ...{ meters: [meter], from_ms, to_ms: from_ms + 1 },
    ...{ log_partition: 0xffff, log_offset: 0 },
  })
  const inOrder = rows.toSorted(
    (left, right) => left.log_offset - right.log_offset || left.log_index - right.log_index,
  )
  const partition = rows[0]?.log_partition ?? 0
  const everything = Array.from({ length: partition + 1 }, () => Number.POSITIVE_INFINITY)
  const acts = (await readActs(views, everything))[partition] ?? emptyActs()
  const decided = decidedBy(acts)
  const counting = countingPlace(inOrder, decided)
  const words = inOrder.map((row) => describeWord(row, { decided, counting }))
  return { meter, start: isoUtc(from_ms), words }
}

function nameIn(request: FastifyRequest, name: 'ingest' | 'source'): string {
  const text = (request.params as Record<string, string>)[name] ?? ''
  if (!isMeterId(text)) throw new SaidByError({ name, text })
  return text
}

function jsonOf(request: FastifyRequest): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(request.body as Uint8Array))
  } catch (error) {
    throw new NotJsonError(error)
  }
}

function read<T>(shape: z.ZodType<T>, where: 'query' | 'body', value: unknown): T {
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  throw new RequestShapeError(where, parsed.error.issues)
}
