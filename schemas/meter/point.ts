import { PointTermsError } from '../errors/meter.ts'
import { keccakOfText } from '../hash.ts'
import { type Hex32, isMeterId } from '../ids.ts'
import type { PointTerm } from '../pointTerm.ts'
import type { EpochMs } from '../time.ts'
import { isBoundary, type MeterKind, type Sign, signOf } from './kind.ts'
import type { Meter } from './meter.ts'

/**
 * What is settled of a site in a programme: the signed sum of some of its meters, missing in an
 * interval where a term is missing. A site has one at a time over all programmes, from an instant
 * until the next one; a point without terms ends the one before it.
 */
export type Point = {
  readonly site: string
  readonly programme: string
  /** Local midnight of the site. */
  readonly fromMs: EpochMs
  /** By meter id, each meter once. */
  readonly terms: readonly PointTerm[]
}

/** What a point may measure, by name: see `termsOf`. */
export type PointQuantity = 'net' | 'load'

/**
 * The terms of a quantity, of a site's meters: net = net meters, else import − export; load = net +
 * generation − storage, or what the load meters say where there are some.
 */
export function termsOf(
  quantity: PointQuantity,
  meters: readonly Pick<Meter, 'meter' | 'kind'>[],
): PointTerm[] {
  const ofKinds = (...kinds: MeterKind[]) => meters.filter(({ kind }) => kinds.includes(kind))
  const term = (sign: Sign) => (each: Pick<Meter, 'meter'>) => ({ meter: each.meter, sign })
  const loads = ofKinds('load')
  if (quantity === 'load' && loads.length > 0) return sortTerms(loads.map(term(1)))
  const nets = ofKinds('net')
  const boundary = nets.length > 0 ? nets : meters.filter(({ kind }) => isBoundary(kind))
  const net = boundary.map((each) => ({ meter: each.meter, sign: signOf(each.kind) }))
  if (quantity === 'net') return sortTerms(net)
  const inner = [...ofKinds('generation').map(term(1)), ...ofKinds('storage').map(term(-1))]
  return sortTerms([...net, ...inner])
}

function sortTerms(terms: readonly PointTerm[]): PointTerm[] {
  return [...terms].sort((left, right) => (left.meter < right.meter ? -1 : 1))
}

/** Hash of a point's definition: what a programme enrols, so that no term changes unseen. */
export function hashPoint({ site, programme, fromMs, terms }: Point): Hex32 {
  return keccakOfText(['point', programme, site, fromMs, writeTerms(terms)].join('\n'))
}

/** `+M1 -M2`, as people write and the store keeps it. */
export function writeTerms(terms: readonly PointTerm[]): string {
  return sortTerms(terms)
    .map(({ meter, sign }) => `${sign === 1 ? '+' : '-'}${meter}`)
    .join(' ')
}

/** @throws PointTermsError unless it is `+M1 -M2`, each meter once, or empty. */
export function readTerms(text: string): PointTerm[] {
  const words = text.split(/\s+/).filter((word) => word !== '')
  const terms = words.map((word): PointTerm => {
    const meter = word.slice(1)
    if (!/^[+-]/.test(word) || !isMeterId(meter)) throw new PointTermsError({ text })
    return { meter, sign: word.startsWith('+') ? 1 : -1 }
  })
  const meters = new Set(terms.map(({ meter }) => meter))
  if (meters.size < terms.length) throw new PointTermsError({ text })
  return sortTerms(terms)
}

/** The point of a site at an instant; null while it has none. */
export function pointAt(points: readonly Point[], ms: EpochMs): Point | null {
  let latest: Point | null = null
  for (const point of points) {
    if (point.fromMs <= ms && (latest === null || point.fromMs >= latest.fromMs)) latest = point
  }
  return latest !== null && latest.terms.length > 0 ? latest : null
}
