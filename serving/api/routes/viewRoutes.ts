import type { FastifyInstance, FastifyReply } from 'fastify'
import * as z from 'zod'
import { isoUtc } from '../../../schemas/time.ts'
import { encodeArrow } from '../../merge/encodeArrow.ts'
import { encodeCsv } from '../../merge/encodeCsv.ts'
import { encodeJson } from '../../merge/encodeJson.ts'
import {
  type CatalogueView,
  describeView,
  viewCatalogue,
  viewNamed,
} from '../../merge/viewCatalogue.ts'
import { eventIdText } from '../../shapes/common.ts'
import { viewCatalogue as catalogueShape, type ViewRows, viewRows } from '../../shapes/views.ts'
import { wantToken } from '../http/access.ts'
import { addRoute, sent } from '../http/addRoute.ts'
import { groupQuery, instantQuery, limitQuery, meterQuery } from '../http/queryShapes.ts'
import { sendPieces } from '../http/sendPieces.ts'
import type { ApiContext } from '../read/apiPorts.ts'
import { inTurns, piecesOf } from '../read/inPieces.ts'
import { type ReadViewReturnType, readView } from '../read/readView.ts'

const arrowType = 'application/vnd.apache.arrow.stream'

/** `/views` and `/views/{name}`. */
export function addViewRoutes(app: FastifyInstance, api: ApiContext): void {
  addRoute(app, {
    method: 'GET',
    path: '/views',
    isCheap: true,
    id: 'listViews',
    tag: 'views',
    summary: 'Every named view with its columns, units and parameters',
    access: 'open',
    hasETag: true,
    answer: catalogueShape,
    handle: () => ({ views: viewCatalogue.map(describeView) }),
  })
  const query = z.strictObject({
    meter: meterQuery,
    group: groupQuery,
    event: eventIdText.optional(),
    period: z
      .string()
      .regex(/^\d{1,15}$/)
      .optional(),
    from: instantQuery.optional(),
    to: instantQuery.optional(),
    asOf: z
      .string()
      .max(10_000)
      .optional()
      .describe('an instant, or a place of each partition, as settlements name them'),
    page: z.string().min(1).max(200).optional().describe('`next` of the page before'),
    limit: limitQuery(api.limits.rowsMax, 1_000),
    format: z.enum(['json', 'csv', 'arrow']).default('json'),
  })
  addRoute(app, {
    method: 'GET',
    path: '/views/:name',
    id: 'readView',
    problems: ['range', 'conflict'],
    tag: 'views',
    summary:
      'Rows of a view, without the token at most 2,000 of 62 days: `page=NEXT` continues; a view ' +
      'that shows single meters needs the token',
    access: 'either',
    params: z.strictObject({ name: z.string().max(64) }),
    query,
    answer: viewRows,
    produces: ['application/json', 'text/csv', arrowType],
    hasETag: true,
    async handle({
      params,
      query: { format, ...question },
      isTrusted,
      request,
      reply,
    }): Promise<typeof sent> {
      const view = viewNamed(params.name)
      if (view.scope === 'meter') wantToken(request)
      const read = await readView(api, view, { question, isTrusted })
      request.rowsRead = read.rowsRead
      const pieces = await inTurns<string | Uint8Array>(encodings[format](view, read))
      if (format !== 'json') describeInHeaders(reply, read)
      sendPieces(request, reply, { type: types[format], pieces })
      return sent
    },
  })
}

const types = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  arrow: arrowType,
} as const

type Encode = (view: CatalogueView, read: ReadViewReturnType) => Iterable<string | Uint8Array>

const encodings: Readonly<Record<keyof typeof types, Encode>> = {
  json: (view, read) => encodeJson(describeRows(view, read), piecesOf(read.rows)),
  csv: ({ columns }, { rows }) => encodeCsv(columns, piecesOf(rows)),
  arrow: ({ columns }, { rows }) => encodeArrow(columns, piecesOf(rows)),
}

function describeRows(view: CatalogueView, read: ReadViewReturnType): Omit<ViewRows, 'rows'> {
  const { range, isTruncated, next } = read
  return {
    view: view.name,
    from: range && isoUtc(range.startMs),
    to: range && isoUtc(range.endMs),
    isTruncated,
    next,
  }
}

/** Formats without room for it report truncation in headers. */
function describeInHeaders(reply: FastifyReply, { isTruncated, next }: ReadViewReturnType): void {
  void reply.header('wattproof-truncated', String(isTruncated))
  if (next !== null) void reply.header('wattproof-next', next)
}
