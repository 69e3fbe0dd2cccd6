import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'

/**
 * Extracts the data in `london/` from the Low Carbon London files.
 *
 *   node --import tsx deploy/simulate/cutExcerpt.ts FOLDER
 *
 * Ten homes on the dynamic tariff and the first 42 occupied ones on the flat tariff (at most 40
 * half-hours without any use), from 2 January to 21 February 2013: more than five weeks before and
 * through the High events of 11 and 20 February. All of it is winter time, so local time is UTC.
 */
const [folder = '../shared/data/lcl'] = process.argv.slice(2)
const target = new URL('london/', import.meta.url)
const first = '2013-01-02'
const afterLast = '2013-02-22'
const flatHomes = 42

const tariffOf = new Map(read('households').map(([id = '', tariff = '']) => [id, tariff]))
const [header = [], ...rows] = readAll('kwh_halfhour_wide')
const kept = rows.filter(([stamp = '']) => stamp >= first && stamp < afterLast)
const dynamic = header.filter((id) => tariffOf.get(id) === 'ToU')
const flat = header.filter((id, column) => tariffOf.get(id) === 'Std' && isLivedIn(column))
const homes = new Set([...dynamic, ...flat.slice(0, flatHomes)])
const columns = header.flatMap((id, column) => (column === 0 || homes.has(id) ? [column] : []))

write(
  'kwh_halfhour_wide',
  [header, ...kept].map((row) => columns.map((each) => row[each] ?? '')),
)
const list = header.filter((id) => homes.has(id)).map((id) => [id, tariffOf.get(id) ?? ''])
write('households', [['LCLid', 'stdorToU'], ...list])
for (const name of ['tariff', 'price_temperature']) {
  const [names = [], ...lines] = readAll(name)
  write(name, [names, ...lines.filter(([stamp = '']) => stamp >= first && stamp < afterLast)])
}

function isLivedIn(column: number): boolean {
  return kept.filter((row) => !(Number(row[column]) > 0)).length <= 40
}

function readAll(name: string): string[][] {
  const text = gunzipSync(readFileSync(`${folder}/${name}.csv.gz`)).toString('utf8')
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','))
}

function read(name: string): string[][] {
  return readAll(name).slice(1)
}

function write(name: string, lines: readonly (readonly string[])[]): void {
  const text = `${lines.map((line) => line.join(',')).join('\n')}\n`
  writeFileSync(new URL(`${name}.csv.gz`, target), gzipSync(text, { level: 9 }))
}
