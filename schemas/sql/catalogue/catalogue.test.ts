import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type Field, tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../../deploy/engines/views/clickhouseViews.ts'
import { listQueryNames, namedQuery } from '../../../deploy/engines/views/namedQueries.ts'
import { startTestClickHouse, type TestClickHouse } from '../../../deploy/testing/testClickHouse.ts'
import type { Views } from '../../ports/views.ts'
import { catalogue, type ParametersOf, type QueryName } from './catalogue.ts'

const names = Object.keys(catalogue).sort() as QueryName[]
/** Something of each type of parameter. */
const samples = {
  String: 'a',
  UInt16: 1,
  UInt32: 1,
  UInt64: 1,
  Int64: 1,
  'Array(String)': ['a'],
  'Array(UInt64)': [1, 2],
}

let server: TestClickHouse
let views: Views
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
})
afterAll(async () => {
  await views?.close()
  await server?.stop()
})

test('every query has an entry, and every entry a query', () => {
  expect(names).toEqual(listQueryNames())
})

test('an entry has the parameters of the statement, with their types', () => {
  for (const name of names) {
    expect(sorted(catalogue[name].parameters), name).toEqual(sorted(placeholdersOf(name)))
  }
})

test('an entry has the columns that the store answers with, with their types', async () => {
  for (const name of names) {
    const { parameters, columns } = catalogue[name]
    const given = Object.entries(parameters).map(([each, type]) => [each, samples[type]])
    const asked = Object.fromEntries(given) as ParametersOf<QueryName>
    // Arrow has types even without rows.
    const { fields } = tableFromIPC(await collect(await views.stream(name, asked, 'arrow'))).schema
    const ours = Object.entries(columns).map(([each, { type }]) => [each, type])
    expect(ours, name).toEqual(fields.map((field) => [field.name, storedType(field)]))
  }
})

test('every query is used somewhere', () => {
  const asked = new Set(['schemas/ports', 'batch', 'speed', 'serving', 'deploy'].flatMap(listAsked))
  expect(names.filter((name) => !asked.has(name))).toEqual([])
})

test('a row of another form is refused by the column', () => {
  const { decode } = catalogue.watermarks
  const row = { log_partition: 1, watermark_ms: 5, held_from_ms: null, generation: 2 }
  expect(decode(row)).toEqual(row)
  for (const each of [{ log_partition: 1 }, { ...row, log_partition: '1' }, null]) {
    expect(() => decode(each)).toThrow(/expected (number|object)/)
  }
})

test('an account is compared in lower case, and an empty one is null', () => {
  const place = { site: null, kind: null, zone: 'UTC', groups: 'g' }
  const row = { meter: 'm', ...place, interval_s: 1800, steps: null, version: 1 }
  const accountOf = (account: string) =>
    catalogue.enrolments.decode({ ...row, account }).meter.account
  expect(accountOf('0xAbC')).toBe('0xabc')
  expect(accountOf('')).toBe(null)
})

test('money is exact', () => {
  const row = { account: '0xa', entitled_micros: '9007199254740993', debt_micros: '-1' }
  expect(catalogue.account_balances.decode(row)).toEqual({
    account: '0xa',
    entitled_micros: 9_007_199_254_740_993n,
    debt_micros: -1n,
  })
})

/** The `{name:Type}` parameters of a statement, none of which is in a string. */
function placeholdersOf(name: QueryName): Record<string, string> {
  const found = namedQuery(name).sql.matchAll(/\{(\w+):([^}]+)\}/g)
  return Object.fromEntries([...found].map(([, each = '', type = '']) => [each, type]))
}

/** The ClickHouse type of an Arrow field. */
function storedType({ type, nullable }: Field): string {
  const plain = String(type)
    .replace('Utf8', 'String')
    .replace('Uint', 'UInt')
    .replace(/^List<(.*)>$/, 'Array($1)')
  return nullable ? `Nullable(${plain})` : plain
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

/** Names that sources of a layer use, without tests. */
function listAsked(layer: string): string[] {
  const root = path.resolve(import.meta.dirname, '../../..', layer)
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  return sources.flatMap((file) => {
    const calls = readFileSync(path.join(root, file), 'utf8').matchAll(
      /\.query\(\s*'(\w+)'|\bquery: '(\w+)'/g,
    )
    return [...calls].map(([, called, named]) => called ?? named ?? '')
  })
}

function sorted(types: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(types).sort(([left], [right]) => (left < right ? -1 : 1))
}
