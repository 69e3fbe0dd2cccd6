import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'

/**
 * Extracts the data in `fontana/` from the CityLearn Challenge 2022.
 *
 *   node --import tsx deploy/simulate/cutFontana.ts FOLDER
 *
 * Five homes, their net meter and their PV, from 4 January to 23 February 2017: the weeks of the
 * London excerpt, 209 weeks later. Of the first eight homes these are the ones with at most ten
 * hours without any load in these weeks. An hour without any load is a gap that the source filled
 * with zero, and is left empty.
 */
const [folder = '../shared/data/citylearn'] = process.argv.slice(2)
const target = new URL('fontana/', import.meta.url)
/** Rows are hours; the first one ends at midnight after 31 July 2016, in standard time all year. */
const firstRowMs = Date.UTC(2016, 6, 31, 23)
const [fromMs, toMs] = [Date.UTC(2017, 0, 4), Date.UTC(2017, 1, 24)]
const hourMs = 3_600_000
/** kW of each home's PV, `nominal_power` in the challenge's `schema.json`. */
const capacityKw = new Map([1, 2, 3, 4, 5, 6, 7, 8].map((home) => [home, home === 4 ? 5 : 4]))
const gapsMax = 10

const packed = readFileSync(`${folder}/homes1_8_hourly.csv.gz`)
const rows: Record<string, string>[] = parse(gunzipSync(packed), { columns: true })
const kept = rows.slice((fromMs - firstRowMs) / hourMs, (toMs - firstRowMs) / hourMs)
const homes = [...capacityKw].filter(([home]) => gapsOf(home) <= gapsMax)

const header = homes.flatMap(([home]) => [`FONTANA-${home}`, `FONTANA-${home}-PV`])
const lines = kept.map((row, index) => {
  const stamp = new Date(fromMs + index * hourMs).toISOString().slice(0, 19)
  return [stamp, ...homes.flatMap(([home, kw]) => netAndPvKwh(row, home, kw))]
})
const text = [['timestamp_pst', ...header], ...lines].map((line) => `${line.join(',')}\n`).join('')
writeFileSync(new URL('kwh_hourly_wide.csv.gz', target), gzipSync(text, { level: 9 }))

function gapsOf(home: number): number {
  return kept.filter((row) => Number(row[`load_${home}`]) === 0).length
}

/** Load less PV, and PV: kWh in whole milliwatt-hours; a gap of the load is one of the net. */
function netAndPvKwh(row: Record<string, string>, home: number, kw: number): string[] {
  const loadKwh = Number(row[`load_${home}`])
  const pvKwh = (Number(row[`solarW_per_kW_${home}`]) * kw) / 1000
  const kwh = (value: number) => String(Math.round(value * 1e6) / 1e6)
  return [loadKwh === 0 ? '' : kwh(loadKwh - pvKwh), kwh(pvKwh)]
}
