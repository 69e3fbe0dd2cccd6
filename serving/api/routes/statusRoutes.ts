import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import type { RejectReason } from '../../../schemas/reading/reading.ts'
import { rejectReasons } from '../../../schemas/reading/reading.ts'
import type { RowOf } from '../../../schemas/sql/catalogue/catalogue.ts'
import { epochMsMax, isoUtc } from '../../../schemas/time.ts'
import {
  type Rejected,
  type RetryReport,
  rejected,
  retryBody,
  retryReport,
  status,
} from '../../shapes/status.ts'
import { addRoute } from '../http/addRoute.ts'
import { limitQuery, wholeText } from '../http/queryShapes.ts'
import type { ApiContext, StoredDeadLetter } from '../read/apiPorts.ts'

/** As many characters as the ingest keeps. */
const ingestedNameCharsMax = 200

const rejectedQuery = z.strictObject({
  reason: z.enum(rejectReasons).optional(),
  /** The file, or the client's address, that it came with. */
  source: z.string().min(1).max(ingestedNameCharsMax).optional(),
  /** Offset to continue from, oldest first; newest first without it. */
  from: wholeText.optional(),
  /** Newest first: only those before this offset, the `next` of the page before. */
  before: wholeText.optional(),
  limit: limitQuery(1_000, 100),
})

const deadLettersRetriedMax = 1_000

/** `/status`, `/rejected`, `/rejected/retry`. */
export function addStatusRoutes(app: FastifyInstance, api: ApiContext): void {
  addRoute(app, {
    method: 'GET',
    path: '/status',
    isCheap: true,
    id: 'getStatus',
    tag: 'operate',
    summary: 'Ingest counters, lag, watermark, batch generation and chain',
    access: 'open',
    answer: status,
    handle: () => api.readStatus(),
  })
  addRoute(app, {
    method: 'GET',
    path: '/rejected',
    id: 'listRejected',
    tag: 'operate',
    summary: 'Readings that were refused: newest first, or from an offset on',
    access: 'token',
    query: rejectedQuery,
    answer: rejected,
    handle: ({ query }) => listRejected(api, query),
  })
  addRoute(app, {
    method: 'POST',
    path: '/rejected/retry',
    id: 'retryRejected',
    tag: 'operate',
    summary: 'Checks refused readings again, for instance after a meter was enrolled',
    access: 'token',
    body: retryBody,
    answer: retryReport,
    handle: ({ body }) => retryRejected(api, body),
  })
}

type DeadLetterRow = RowOf<'rejected'>

async function listRejected(
  api: ApiContext,
  query: z.infer<typeof rejectedQuery>,
): Promise<Rejected> {
  const { reason, source = '', from, before, limit } = query
  if (from === undefined) {
    const after = before === undefined ? '' : String(before)
    const range = { from_ms: 0, to_ms: epochMsMax }
    const asked = { reason: reason ?? '', source, ...range, limit: limit + 1, after }
    const rows = await api.views.query('view_rejected', asked)
    const next = rows.length > limit ? rows[limit - 1]!.log_offset : null
    return { rejected: rows.slice(0, limit).map(describeDeadLetter), next }
  }
  const { rows, next } = await readDeadLetters(api, { reason, source, from, limit })
  return { rejected: rows.map(describeDeadLetter), next }
}

async function readDeadLetters(
  { views }: ApiContext,
  page: { reason: RejectReason | undefined; source: string; from: number; limit: number },
): Promise<{ rows: DeadLetterRow[]; next: number | null }> {
  const rows = await views.query('rejected', {
    reason: page.reason ?? '',
    source: page.source,
    from_offset: page.from,
    limit: page.limit + 1,
  })
  const next = rows[page.limit]?.log_offset ?? null
  return { rows: rows.slice(0, page.limit), next }
}

function describeDeadLetter(row: DeadLetterRow): Rejected['rejected'][number] {
  const { receivedMs, readAs: _, ...deadLetter } = storedDeadLetter(row)
  return { ...deadLetter, received: isoUtc(receivedMs) }
}

async function retryRejected(
  api: ApiContext,
  body: z.infer<typeof retryBody>,
): Promise<RetryReport> {
  const limit = Math.min(body.limit ?? deadLettersRetriedMax, deadLettersRetriedMax)
  const page = { reason: body.reason, source: '', from: body.from ?? 0, limit }
  const { rows, next } = await readDeadLetters(api, page)
  const isDryRun = body.dryRun === true
  const { queued, stillRejected } = await api.retryDeadLetters(rows.map(storedDeadLetter), {
    isDryRun,
  })
  const counts: Partial<Record<RejectReason, number>> = {}
  for (const reason of stillRejected) counts[reason] = (counts[reason] ?? 0) + 1
  return { tried: rows.length, queued, stillRejected: counts, isDryRun, next }
}

function storedDeadLetter(row: DeadLetterRow): StoredDeadLetter {
  return {
    offset: row.log_offset,
    reason: row.reason,
    detail: row.detail,
    source: row.source,
    index: row.source_index,
    line: row.source_line,
    column: row.source_column,
    value: row.source_value,
    readAs: row.read_as,
    receivedMs: row.received_ms,
    originalBase64: row.original_base64,
  }
}
