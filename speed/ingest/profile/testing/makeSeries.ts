import { DateTime } from 'luxon'
import { drawer } from './drawer.ts'
import { londonSites } from './londonSites.ts'

/** A meter with its energies by start, in milliwatt-hours; what it did not say is missing. */
export type Series = {
  readonly meter: string
  readonly stepS: number
  /** -1: positive in the file, and fed in. */
  readonly sign: 1n | -1n
  readonly values: ReadonlyMap<number, bigint>
}

/** What a format asks of the series it can write. */
export type SeriesTraits = {
  readonly zone: string
  readonly stepS: number
  /** Energies are multiples of it, so that the file's unit can say them exactly. */
  readonly grainMwh: bigint
  /** The file has one site, whose meter no column names. */
  readonly isOneSite: boolean
  /** The meters of site N; with sign -1, what is positive in the file was fed in. */
  readonly metersOf: (site: number) => readonly { meter: string; sign: 1n | -1n }[]
  /** One meter counts both ways. */
  readonly isNet: boolean
  /** The format cannot say a day on which its clock changes. */
  readonly isClockFixed?: boolean
  /** What was not said is zero: a register is read all the same. */
  readonly isWhole?: boolean
}

export type SeriesParameters = {
  readonly sites: number
  readonly days: number
  readonly seed: number
  readonly change: 'spring' | 'autumn'
  readonly traits: SeriesTraits
}

/**
 * Series of London's sites on the clock of a format, across a change of that clock. Below a
 * watt-hour, which is the grain of London's data, digits are drawn.
 */
export function makeSeries({ sites, days, seed, change, traits }: SeriesParameters): Series[] {
  const { zone, stepS, isOneSite, metersOf } = traits
  const months = change === 'spring' ? [3, 4] : [10, 11]
  const day = traits.isClockFixed ? midOf(zone, months[0]! + 3) : changeOf(zone, months)
  const start = day.minus({ days: Math.floor(days / 2) }).startOf('day')
  const span = { fromMs: start.toMillis(), toMs: start.plus({ days }).toMillis() }
  return Array.from({ length: isOneSite ? 1 : sites }, (_, index) => {
    const site = isOneSite ? seed : index
    return metersOf(site).map(({ meter, sign }, at): Series => {
      const values = valuesOf({ ...span, site: site + at * 15, seed, sign, traits })
      return { meter, stepS, sign, values }
    })
  }).flat()
}

type ValuesParameters = {
  readonly fromMs: number
  readonly toMs: number
  readonly site: number
  readonly seed: number
  readonly sign: 1n | -1n
  readonly traits: SeriesTraits
}

function valuesOf({ fromMs, toMs, site, seed, sign, traits }: ValuesParameters) {
  const { stepS, grainMwh, isNet, isWhole = false } = traits
  const all = londonSites()
  const london = all[site % all.length] ?? []
  const generated = all[(site + 7) % all.length] ?? []
  const draw = drawer(seed * 64 + site)
  const values = new Map<number, bigint>()
  for (let ms = fromMs, at = seed; ms < toMs; ms += stepS * 1000, at++) {
    const wh = london[at % london.length] ?? (isWhole ? 0n : null)
    const net = isNet ? (generated[at % generated.length] ?? 0n) : 0n
    const below = (BigInt(Math.floor(draw() * 1000)) / grainMwh) * grainMwh
    // Registers and channels do not count backwards, and a zero stays one.
    if (wh !== null) values.set(ms, wh === 0n ? 0n : ((wh - net) * 1000n + below) * sign)
  }
  return values
}

/** Midnight before the clocks of the zone change. */
function changeOf(zone: string, months: readonly number[]): DateTime {
  let day = DateTime.fromObject({ year: 2024, month: months[0]!, day: 1 }, { zone, locale: 'en' })
  for (let tries = 0; tries < 62; tries++) {
    const next = day.plus({ days: 1 })
    if (next.offset !== day.offset) return day
    day = next
  }
  return midOf(zone, months[0]!)
}

function midOf(zone: string, month: number): DateTime {
  const at = { year: 2024 + Math.floor((month - 1) / 12), month: ((month - 1) % 12) + 1, day: 15 }
  return DateTime.fromObject(at, { zone, locale: 'en' })
}
