import {
  PointMetersError,
  PointQuantityError,
  SiteUnknownError,
  SiteZonesError,
} from '../../schemas/errors/meter.ts'
import type { Address } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Occupancy } from '../../schemas/meter/occupancy.ts'
import { hashPoint, type Point, readTerms, termsOf, writeTerms } from '../../schemas/meter/point.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import { readEnrolled } from '../../schemas/ports/enrolled.ts'
import { readOccupancies, readPoints } from '../../schemas/ports/readSites.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type EpochMs, localDayNamed } from '../../schemas/time.ts'
import type { OccupanciesBody, PointsBody } from '../shapes/sites.ts'

type SitePorts = { readonly views: Views; readonly clock: Clock }
type Changed = { readonly changed: number; readonly unchanged: number }

/** Settlement points and occupancies of sites, over the `Views` port. */
export function openSiteStore({ views, clock }: SitePorts) {
  let last: Promise<unknown> = Promise.resolve()
  // One change at a time, so that each has a version of its own.
  const inTurn = <T>(act: () => Promise<T>) => {
    const done = last.then(act)
    last = done.catch(() => {})
    return done
  }
  return {
    setPoints: (body: PointsBody): Promise<Changed> =>
      inTurn(async () => {
        const meters = bySite(await readEnrolled(views))
        const now = body.map((each) => pointOf(each, meters.get(each.site)))
        const known = new Map((await readPoints(views)).map(keyedPoint))
        const changed = now.filter((each) => known.get(keyOf(each)) !== hashPoint(each))
        const version = await nextVersion({ views, clock })
        await views.insert(
          'points',
          changed.map((point) => {
            const { site, programme, fromMs: start, terms } = point
            const definition = { terms: writeTerms(terms), hash: hashPoint(point) }
            return { site, start, version, programme, ...definition }
          }),
        )
        return { changed: changed.length, unchanged: now.length - changed.length }
      }),

    setOccupancies: (body: OccupanciesBody): Promise<Changed> =>
      inTurn(async () => {
        const meters = bySite(await readEnrolled(views))
        const now = body.map((each): Occupancy => {
          const { site, from, account } = each
          const fromMs = startOf(site, { date: from, meters: meters.get(site) })
          return { site, fromMs, account: account === null ? null : lowerCase(account) }
        })
        const stored = await readOccupancies(views)
        const known = new Map(stored.map((each) => [keyOf(each), each.account]))
        const changed = now.filter((each) => known.get(keyOf(each)) !== each.account)
        const version = await nextVersion({ views, clock })
        await views.insert(
          'occupancies',
          changed.map(({ site, fromMs: start, account }) => {
            return { site, start, version, account: account ?? '' }
          }),
        )
        return { changed: changed.length, unchanged: now.length - changed.length }
      }),
  }
}

/** Above every stored one, so that no former record outlives it, whatever the clock shows. */
async function nextVersion({ views, clock }: SitePorts): Promise<number> {
  const [newest] = await views.query('site_versions')
  return Math.max(clock.nowMs(), (newest?.version ?? 0) + 1)
}

function pointOf(asked: PointsBody[number], meters: readonly Meter[] | undefined): Point {
  const { site, programme, from, quantity } = asked
  const fromMs = startOf(site, { date: from, meters })
  const terms = quantity === undefined ? readTerms(asked.terms ?? '') : termsOf(quantity, meters!)
  if (quantity !== undefined && terms.length === 0) throw new PointQuantityError({ site, quantity })
  const own = new Set(meters!.map(({ meter }) => meter))
  const others = terms.filter(({ meter }) => !own.has(meter)).map(({ meter }) => meter)
  if (others.length > 0) throw new PointMetersError({ site, meters: others })
  return { site, programme, fromMs, terms }
}

type Start = { readonly date: string | undefined; readonly meters: readonly Meter[] | undefined }

/** Midnight of the site; without a date, from the first instant that readings can be of. */
function startOf(site: string, { date, meters = [] }: Start): EpochMs {
  if (meters.length === 0) throw new SiteUnknownError({ site })
  const zones = [...new Set(meters.map(({ zone }) => zone))]
  if (zones.length > 1) throw new SiteZonesError({ site, zones })
  return date === undefined ? 0 : localDayNamed(date, zones[0]!).startMs
}

function bySite(meters: readonly Meter[]): Map<string, Meter[]> {
  const sites = new Map<string, Meter[]>()
  for (const meter of meters) {
    const own = sites.get(meter.site)
    if (own) own.push(meter)
    else sites.set(meter.site, [meter])
  }
  return sites
}

function keyedPoint(point: Point): [string, string] {
  return [keyOf(point), hashPoint(point)]
}

function keyOf({ site, fromMs }: { readonly site: string; readonly fromMs: EpochMs }): string {
  return `${site} ${fromMs}`
}

function lowerCase(account: string): Address {
  return account.toLowerCase() as Address
}
