import {
  NoAccountToPayError,
  NotEnrolledError,
  OccupantChangesError,
  PointAccountError,
  PointProgrammeError,
  PointSettledError,
} from '../../schemas/errors/event.ts'
import type { Participant, SettledPoint } from '../../schemas/event.ts'
import type { Address, MeterId } from '../../schemas/ids.ts'
import { isBoundary, mayBeNegative, signOf } from '../../schemas/meter/kind.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { type Occupancy, occupancyAt } from '../../schemas/meter/occupancy.ts'
import { type Point, pointAt, termsOf, writeTerms } from '../../schemas/meter/point.ts'
import type { PointTerm } from '../../schemas/pointTerm.ts'
import { isoUtc, type TimeRange } from '../../schemas/time.ts'

/** Enrolled meters by id and by site, and what their sites are settled by. */
export type Enrolments = {
  readonly meters: ReadonlyMap<MeterId, Meter>
  readonly sites: ReadonlyMap<string, readonly Meter[]>
  readonly points: ReadonlyMap<string, readonly Point[]>
  readonly occupancies: ReadonlyMap<string, readonly Occupancy[]>
}

export function enrolmentsOf(of: {
  readonly meters: readonly Meter[]
  readonly points?: readonly Point[]
  readonly occupancies?: readonly Occupancy[]
}): Enrolments {
  return {
    meters: new Map(of.meters.map((each) => [each.meter, each])),
    sites: bySite(of.meters),
    points: bySite(of.points ?? []),
    occupancies: bySite(of.occupancies ?? []),
  }
}

function bySite<T extends { readonly site: string }>(all: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>()
  for (const each of all) {
    const others = found.get(each.site)
    if (others) others.push(each)
    else found.set(each.site, [each])
  }
  return found
}

export type Resolved = {
  readonly site: string
  readonly participant: Participant
  /** Meters of the terms and of the boundary: all are read. */
  readonly meters: readonly Meter[]
}

/**
 * What a name in a draft is settled by: the point of the site of that name, or the meter by itself.
 *
 * @throws EventTermsError when it is unknown, has no one to pay, or its site is settled otherwise.
 */
export function resolveParticipant(
  enrolments: Enrolments,
  name: MeterId,
  at: { readonly programme: string } & TimeRange,
): Resolved {
  const named = enrolments.meters.get(name)
  const site = enrolments.points.has(name) ? name : (named?.site ?? name)
  const point = pointAt(enrolments.points.get(site) ?? [], at.startMs)
  if (point && point.programme !== at.programme) {
    const { programme } = at
    throw new PointProgrammeError({ programme, site, other: point.programme })
  }
  const own = named && [{ meter: name, sign: signOf(named.kind) }]
  const terms = point?.terms ?? own
  if (!terms) throw new NotEnrolledError({ meter: name })
  if (point && name !== site && writeTerms(point.terms) !== writeTerms(own ?? [])) {
    const { programme } = point
    throw new PointSettledError({ meter: name, site, programme, terms: writeTerms(terms) })
  }
  const settled = settledPointOf(enrolments, site, terms)
  const occupancy = occupancyIn(enrolments, site, at)
  const account = accountOf(enrolments, { site, occupancy, terms })
  const meters = [...settled.terms, ...settled.boundary].map((each) => found(enrolments, each))
  const isBounded = occupancy !== null && occupancy.fromMs > 0
  const since = isBounded ? { occupiedFromMs: occupancy.fromMs } : {}
  const participant = { meter: name, account, ...since }
  return {
    ...{ site, meters },
    participant: isPlain(name, settled) ? participant : { ...participant, point: settled },
  }
}

/** A meter that only takes has the leaves it would have if there were no points. */
function isPlain(name: MeterId, { mayBeNegative: isSigned, terms, boundary }: SettledPoint) {
  const [only] = terms
  const isAlone = terms.length === 1 && only?.meter === name && only.sign === 1
  return isAlone && !isSigned && boundary.length === 0
}

function settledPointOf(
  enrolments: Enrolments,
  site: string,
  terms: readonly PointTerm[],
): SettledPoint {
  const meters = terms.map((term) => ({ ...term, kind: found(enrolments, term).kind }))
  const isBehind = !meters.some(({ kind }) => isBoundary(kind))
  return {
    mayBeNegative: meters.some(({ sign, kind }) => sign < 0 || mayBeNegative(kind)),
    terms,
    boundary: isBehind
      ? termsOf('net', (enrolments.sites.get(site) ?? []).filter(isAtBoundary))
      : [],
  }
}

function isAtBoundary({ kind }: Meter): boolean {
  return isBoundary(kind)
}

function found({ meters }: Enrolments, { meter }: PointTerm): Meter {
  const known = meters.get(meter)
  if (!known) throw new NotEnrolledError({ meter })
  return known
}

/** One event is settled with one occupant. */
function occupancyIn(
  { occupancies }: Enrolments,
  site: string,
  { startMs, endMs }: TimeRange,
): Occupancy | null {
  const occupancy = occupancyAt(occupancies.get(site) ?? [], startMs)
  const next = (occupancies.get(site) ?? []).find(
    ({ fromMs }) => startMs < fromMs && fromMs < endMs,
  )
  if (next) throw new OccupantChangesError({ site, until: isoUtc(next.fromMs) })
  return occupancy
}

/** The occupant of the site, else the one account of its meters. */
function accountOf(
  enrolments: Enrolments,
  {
    site,
    occupancy,
    terms,
  }: {
    readonly site: string
    readonly occupancy: Occupancy | null
    readonly terms: readonly PointTerm[]
  },
): Address {
  const [{ meter }] = terms as readonly [PointTerm]
  if (occupancy) {
    if (occupancy.account === null) throw new NoAccountToPayError({ meter })
    return occupancy.account
  }
  const accounts = new Set(terms.flatMap((term) => found(enrolments, term).account ?? []))
  const [account] = accounts
  if (accounts.size > 1) throw new PointAccountError({ site, accounts: accounts.size })
  if (account === undefined) throw new NoAccountToPayError({ meter })
  return account
}
