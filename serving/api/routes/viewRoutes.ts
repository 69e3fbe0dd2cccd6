import type { FastifyInstance, FastifyReply } from 'fastify'
import * as z from 'zod'
import { isoUtc } from '../../../schemas/time.ts'
import { encodeArrow } from '../../merge/encodeArrow.ts'
import { encodeCsv } from '../../merge/encodeCsv.ts'
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
import type { ApiContext } from '../read/apiPorts.ts'
import { type ReadViewReturnType, readView } from '../read/readView.ts'

const csvType = 'text/csv; charset=utf-8'
const arrowType = 'application/vnd.apache.arrow.stream'

/** `/views` and `/views/{name}`. */
export function addViewRoutes(app: FastifyInstance, api: ApiContext): void {
  addRoute(app, {
    method: 'GET',
    path: '/views',
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
    limit: limitQuery(api.limits.rowsMax, 1_000),
    format: z.enum(['json', 'csv', 'arrow']).default('json'),
  })
  addRoute(app, {
    method: 'GET',
    path: '/views/:name',
    id: 'readView',
    problems: ['range'],
    tag: 'views',
    summary: 'Rows of a view; a view that shows single meters needs the token',
    access: 'either',
    params: z.strictObject({ name: z.string().max(64) }),
    query,
    answer: viewRows,
    produces: ['application/json', 'text/csv', arrowType],
    hasETag: true,
    async handle({ params, query: { format, ...question }, isTrusted, request, reply }) {
      const view = viewNamed(params.name)
      if (view.scope === 'meter') wantToken(request)
      const read = await readView(api, view, { question, isTrusted })
      if (format === 'json') return describeRows(view, read)
      sendRows(reply, { view, read, format })
      return sent
    },
  })
}

function describeRows(view: CatalogueView, read: ReadViewReturnType): ViewRows {
  const { range, rows, isTruncated, next } = read
  return {
    view: view.name,
    from: range && isoUtc(range.startMs),
    to: range && isoUtc(range.endMs),
    rows: [...rows],
    isTruncated,
    next,
  }
}

/** Formats without room for it report truncation in headers. */
function sendRows(
  reply: FastifyReply,
  asked: { view: CatalogueView; read: ReadViewReturnType; format: 'csv' | 'arrow' },
): void {
  const { view, read, format } = asked
  void reply.header('wattproof-truncated', String(read.isTruncated))
  if (read.next !== null) void reply.header('wattproof-next', read.next)
  const { columns } = view
  if (format === 'csv') void reply.type(csvType).send(encodeCsv(columns, read.rows))
  else void reply.type(arrowType).send(Buffer.from(encodeArrow(columns, read.rows)))
}
