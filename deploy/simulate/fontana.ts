import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { type EpochMs, isoUtc, localToEpochMs } from '../../schemas/time.ts'
import type { TidyRow } from './london.ts'

export const fontanaZone = 'America/Los_Angeles'
const intervalS = 3600
/** The data are of 2017: moved by whole weeks to those of London, weekdays and season are kept. */
const movedMs = 209 * 7 * 86_400_000

/** A home with PV: its net meter, which the site is named after, and its PV's own meter. */
export type SolarSite = { readonly net: string; readonly generation: string }

export type Fontana = {
  readonly sites: readonly SolarSite[]
  /** Lines by the instant at which their hour is complete; gaps have none. */
  readonly linesAt: ReadonlyMap<EpochMs, readonly string[]>
}

/** Reads the excerpt in `fontana/`. */
export function loadFontana(): Fontana {
  const packed = readFileSync(new URL('fontana/kwh_hourly_wide.csv.gz', import.meta.url))
  const rows: Record<string, string>[] = parse(gunzipSync(packed), { columns: true })
  const meters = Object.keys(rows[0]!).slice(1)
  const linesAt = rows.map(({ timestamp_pst: stamp = '', ...kwh }) => {
    const startMs = localToEpochMs(stamp, fontanaZone) - movedMs
    const complete = meters.filter((meter) => kwh[meter] !== '')
    const lines = complete.map((meter) => lineOf(meter, startMs, Number(kwh[meter])))
    return [startMs + intervalS * 1000, lines] as const
  })
  const sites = meters.flatMap((generation) => {
    const [, net] = /^(.*)-PV$/.exec(generation) ?? []
    return net === undefined ? [] : [{ net, generation }]
  })
  return { sites, linesAt: new Map(linesAt) }
}

/** Bodies of `POST /meters`; the programme pays the account of each site. */
export function fontanaMeters({ sites }: Fontana, accountOf: ReadonlyMap<string, string>) {
  const common = { zone: fontanaZone, group: fontanaGroup, intervalS }
  return sites.flatMap(({ net, generation }) => [
    { ...common, meter: net, kind: 'net', account: accountOf.get(net) },
    { ...common, meter: generation, site: net, kind: 'generation' },
  ])
}

/** The group of their programme: they are not in London's portfolio. */
const fontanaGroup = 'programme:fontana-solar'

/** The file has whole milliwatt-hours as kWh, so three decimals of a watt-hour are exact. */
function lineOf(meter: string, startMs: EpochMs, kwh: number): string {
  const energyWh = Math.round(kwh * 1e6) / 1000
  const row: TidyRow = {
    ...{ meter, start: isoUtc(startMs), duration_s: intervalS, energy_wh: energyWh },
  }
  return JSON.stringify(row)
}
