import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const excerpt = '../../../../deploy/simulate/london/kwh_halfhour_wide.csv.gz'
let known: readonly (readonly (bigint | null)[])[] | null = null

/**
 * Watt-hours of each half-hour by site, from the excerpt of London's sites that the project ships;
 * null where the site said nothing. It has no quotes, so it is cut at its commas.
 */
export function londonSites(): readonly (readonly (bigint | null)[])[] {
  if (known !== null) return known
  const text = gunzipSync(readFileSync(new URL(excerpt, import.meta.url))).toString()
  const [header = '', ...rows] = text.trimEnd().split('\n')
  const cells = rows.map((row) => row.split(',').slice(1).map(wattHours))
  known = header
    .split(',')
    .slice(1)
    .map((_, site) => cells.map((row) => row[site] ?? null))
  return known
}

/** The file has kWh with three decimals. */
function wattHours(kwh: string): bigint | null {
  return kwh.trim() === '' ? null : BigInt(kwh.trim().replace('.', ''))
}
