import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { meterKinds } from '../../../schemas/meter/kind.ts'
import { hashPoint } from '../../../schemas/meter/point.ts'
import { readEnrolled } from '../../../schemas/ports/enrolled.ts'
import { readOccupancies, readPoints, type SitesAsked } from '../../../schemas/ports/readSites.ts'
import { isoUtc } from '../../../schemas/time.ts'
import { describeMeters } from '../../merge/describeMeters.ts'
import {
  changed,
  meters,
  occupancies,
  occupanciesBody,
  points,
  pointsBody,
} from '../../shapes/sites.ts'
import { openSiteStore } from '../../store/siteStore.ts'
import { addRoute } from '../http/addRoute.ts'
import { groupQuery, limitQuery, meterQuery } from '../http/queryShapes.ts'
import type { ApiContext } from '../read/apiPorts.ts'

const limit = limitQuery(10_000, 1_000)
const siteQuery = z.strictObject({
  site: meterQuery,
  after: z.string().max(200).optional().describe('`next` of the page before'),
  limit,
})

/** `/meters`, `/points` and `/occupancies`: what is enrolled, for who has the token. */
export function addSiteRoutes(app: FastifyInstance, api: ApiContext): void {
  addRoute(app, {
    method: 'GET',
    path: '/meters',
    id: 'listMeters',
    tag: 'views',
    summary: 'Enrolled meters by id: site, kind, zone, interval, account and groups',
    access: 'token',
    query: z.strictObject({
      ...{ meter: meterQuery, site: meterQuery, group: groupQuery, limit },
      kind: z.enum(meterKinds).optional(),
      after: meterQuery.describe('`next` of the page before'),
    }),
    answer: meters,
    hasETag: true,
    handle: async ({ query }) => describeMeters(await readEnrolled(api.views), query),
  })
  addPointRoutes(app, api)
  addOccupancyRoutes(app, api)
}

function addPointRoutes(app: FastifyInstance, api: ApiContext): void {
  const store = openSiteStore(api)
  addRoute(app, {
    method: 'GET',
    path: '/points',
    id: 'listPoints',
    tag: 'views',
    summary: 'Settlement points of a site, or of all by site: signed sums of meters, from when',
    access: 'token',
    query: siteQuery,
    answer: points,
    hasETag: true,
    async handle({ query }) {
      const known = await readPoints(api.views, askedOf(query))
      const { page, next } = pageOf(known, query)
      const described = page.map(({ fromMs, ...point }) => {
        const hash = hashPoint({ ...point, fromMs })
        return { ...point, terms: [...point.terms], from: isoUtc(fromMs), hash }
      })
      return { points: described, next }
    },
  })
  addRoute(app, {
    method: 'POST',
    path: '/points',
    id: 'setPoints',
    tag: 'events',
    problems: ['invalid', 'conflict'],
    summary: 'Sets what is settled of sites from a date on; the same again changes nothing',
    access: 'token',
    body: pointsBody,
    answer: changed,
    handle: ({ body }) => store.setPoints(body),
  })
}

function addOccupancyRoutes(app: FastifyInstance, api: ApiContext): void {
  const store = openSiteStore(api)
  addRoute(app, {
    method: 'GET',
    path: '/occupancies',
    id: 'listOccupancies',
    tag: 'views',
    summary: 'Who a site is settled with, or each site, from when',
    access: 'token',
    query: siteQuery,
    answer: occupancies,
    hasETag: true,
    async handle({ query }) {
      const known = await readOccupancies(api.views, askedOf(query))
      const { page, next } = pageOf(known, query)
      const described = page.map(({ fromMs, ...each }) => ({ ...each, from: isoUtc(fromMs) }))
      return { occupancies: described, next }
    },
  })
  addRoute(app, {
    method: 'POST',
    path: '/occupancies',
    id: 'setOccupancies',
    tag: 'events',
    problems: ['invalid', 'conflict'],
    summary: 'Sets who sites are settled with from a date on; the same again changes nothing',
    access: 'token',
    body: occupanciesBody,
    answer: changed,
    handle: ({ body }) => store.setOccupancies(body),
  })
}

type Placed = { readonly site: string; readonly fromMs: number }
type PageAsked = {
  readonly site?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** One more than the page has, which shows that there are more. */
function askedOf({ site, after, limit }: PageAsked): SitesAsked {
  if (after === undefined) return { site, limit: limit + 1 }
  const cut = after.lastIndexOf('/')
  const fromMs = Number(after.slice(cut + 1))
  const last = { site: after.slice(0, cut), fromMs: Number.isSafeInteger(fromMs) ? fromMs : 0 }
  return { site, after: last, limit: limit + 1 }
}

/** By site and time; `next` is where the page ends. */
function pageOf<Row extends Placed>(rows: readonly Row[], { limit }: PageAsked) {
  const page = rows.slice(0, limit)
  const end = page.at(-1)
  return { page, next: end && rows.length > limit ? `${end.site}/${end.fromMs}` : null }
}
