import { readFileSync } from 'node:fs'
import { tableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError, InvariantError } from '../../schemas/errors/wattproofError.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { boundNames, describeGroups, nextMoveMs, redescribeGroups } from './describeGroups.ts'
import { encodeArrow } from './encodeArrow.ts'
import { encodeCsv } from './encodeCsv.ts'
import { parseRange } from './parseRange.ts'
import { type CellRow, toCells, wholeNumber } from './toCells.ts'
import { viewCatalogue } from './viewCatalogue.ts'
import type { SourceColumn } from './viewColumns.ts'

const hourMs = 3_600_000
const day = { startMs: Date.UTC(2013, 1, 11), endMs: Date.UTC(2013, 1, 12) }

describe('parseRange', () => {
  test.each([
    // from, to, start and end as hours after the default's start, which is a day long
    [undefined, undefined, 0, 24],
    ['2013-02-11T06:00:00Z', undefined, 6, 30], // one end given: as long as the default
    [undefined, '2013-02-11T06:00:00Z', -18, 6],
    ['2013-02-11T06:00:00+01:00', '2013-02-11T06:00:00Z', 5, 6],
  ])('%s to %s', (from, to, start, end) => {
    const range = parseRange({ from, to, default: day, daysMax: 400 })
    expect((range.startMs - day.startMs) / hourMs).toBe(start)
    expect((range.endMs - day.startMs) / hourMs).toBe(end)
  })

  test.each([
    ['2013-02-12T00:00:00Z', '2013-02-12T00:00:00Z', /not before/],
    ['2013-02-12T00:00:00Z', '2013-02-11T00:00:00Z', /not before/],
    ['2012-01-01T00:00:00Z', '2013-02-11T00:00:00Z', /at most 400 days/],
    ['yesterday', undefined, /is not a time such as/],
  ])('refuses %s to %s', (from, to, why) => {
    const ask = () => parseRange({ from, to, default: day, daysMax: 400 })
    expect(ask).toThrow(InvalidArgumentError)
    expect(ask).toThrow(why)
  })
})

describe('rows', () => {
  const columns: SourceColumn[] = [
    column('text', 'meter', false),
    column('instant', 'start', false),
    column('integer', 'energyMwh', true),
    column('number', 'z', true),
    column('boolean', 'isException', false),
  ]
  const source = { meter: 'a "b",\r\nc', start: 0, energyMwh: '9007199254740993', z: 1.5 }
  const rows = [
    toCells(columns, { ...source, isException: true }),
    toCells(columns, { ...source, energyMwh: null, z: null, isException: false }),
  ]

  test('integers keep every digit and instants are ISO 8601', () => {
    expect(rows[0]).toEqual({
      meter: 'a "b",\r\nc',
      start: '1970-01-01T00:00:00.000Z',
      energyMwh: '9007199254740993',
      z: 1.5,
      isException: true,
    })
    expect(wholeNumber('-9007199254740991')).toBe(-9_007_199_254_740_991)
    expect(wholeNumber(2n ** 63n)).toBe('9223372036854775808')
    expect(() => toCells(columns, { ...source, start: null })).toThrow(InvariantError)
  })

  test('CSV quotes fields where needed, and null is empty', () => {
    // Each piece has one row.
    expect(
      [
        ...encodeCsv(
          columns,
          rows.map((row) => [row]),
        ),
      ].join(''),
    ).toBe(
      'meter,start,energyMwh,z,isException\r\n' +
        '"a ""b"",\r\nc",1970-01-01T00:00:00.000Z,9007199254740993,1.5,true\r\n' +
        '"a ""b"",\r\nc",1970-01-01T00:00:00.000Z,,,false\r\n',
    )
  })

  test('CSV escapes formulas in text, and leaves numbers alone', () => {
    const formula = '=HYPERLINK("http://evil.test")'
    const texts = [formula, '+1', '-1', '@A1', '\t=1', '\r=1', 'a=b', '']
    const formulas = texts.map((meter) => {
      return { meter, start: null, energyMwh: -1, z: -0.5, isException: null }
    })
    const csv = [...encodeCsv(columns, [formulas])].join('')
    expect(csv.split('\r\n').slice(1, -1)).toEqual([
      `"'=HYPERLINK(""http://evil.test"")",,-1,-0.5,`,
      ...["'+1", "'-1", "'@A1", "'\t=1"].map((text) => `${text},,-1,-0.5,`),
      `"'\r=1",,-1,-0.5,`,
      ...['a=b', ''].map((text) => `${text},,-1,-0.5,`),
    ])
  })

  test('Arrow has typed columns, also without rows', () => {
    const arrow = (pieces: CellRow[][]) => tableFromIPC([...encodeArrow(columns, pieces)].at(-1)!)
    const table = arrow(rows.map((row) => [row]))
    expect(table.numRows).toBe(2)
    expect(table.getChild('energyMwh')?.get(0)).toBe(9_007_199_254_740_993n)
    expect(table.getChild('energyMwh')?.get(1)).toBeNull()
    expect(table.getChild('start')?.get(0)).toBe(0)
    const empty = arrow([])
    expect(empty.schema.fields.map((field) => String(field.type))).toEqual([
      'Utf8',
      'Timestamp<MILLISECOND, UTC>',
      'Int64',
      'Float64',
      'Bool',
    ])
    expect(empty.numRows).toBe(0)
  })

  function column(kind: SourceColumn['kind'], name: string, isNullable: boolean): SourceColumn {
    return { name, source: name, kind, unit: null, isNullable, about: '' }
  }
})

test('a group has the interval of its sums, which is the longest of its meters', () => {
  const meter = (name: string, group: string, intervalS: number) => {
    return aMeter({ meter: name, zone: 'Europe/London', group, intervalS })
  }
  const meters = [meter('A', 'mixed', 900), meter('B', 'mixed', 1800), meter('C', 'even', 900)]
  const { groups } = describeGroups({ meters, atMs: 0, isTrusted: false })
  expect(groups).toMatchObject([
    { group: 'even', intervalS: 900, members: 1 },
    { group: 'mixed', intervalS: 1800, members: 2 },
  ])
  expect(groups[1]).not.toHaveProperty('meters')
})

test('of a large group the first hundred meters are named, and all of them counted', () => {
  const meters = Array.from({ length: 250 }, (_, index) =>
    aMeter({ meter: `M${250 - index}`, zone: 'UTC', group: 'large', intervalS: 900 }),
  )
  const [large] = describeGroups({ meters, atMs: 0, isTrusted: true }).groups
  expect(large).toMatchObject({ members: 250 })
  expect(large!.meters).toHaveLength(100)
  expect(large!.meters).toEqual(
    meters
      .map(({ meter }) => meter)
      .sort()
      .slice(0, 100),
  )
})

test('groups of which a meter changed are described again, and as all of them would be', () => {
  const anyFleet = fc
    .uniqueArray(
      fc.record({ id: fc.nat(9), group: fc.nat(3), intervalS: fc.constantFrom(900, 1800) }),
      {
        selector: ({ id }) => id,
      },
    )
    .map((fleet) =>
      fleet
        .toSorted((left, right) => left.id - right.id)
        .map(({ id, group, intervalS }) => {
          return aMeter({ meter: `M${id}`, zone: 'UTC', group: `g${group}`, intervalS })
        }),
    )
  fc.assert(
    fc.property(anyFleet, anyFleet, fc.array(fc.boolean()), (before, other, kept) => {
      // Some meters are the same objects, others are equal or other ones.
      const byId = new Map([...before, ...other].map((each) => [each.meter, each]))
      for (const [at, each] of before.entries()) if (kept[at]) byId.set(each.meter, each)
      const meters = [...byId.values()].sort((left, right) => (left.meter < right.meter ? -1 : 1))
      const now = { meters, atMs: 0, isTrusted: true }
      const groups = describeGroups({ ...now, meters: before })
      expect(redescribeGroups({ meters: before, groups }, now)).toEqual(describeGroups(now))
    }),
  )
})

test('of very many groups fewer meters are named, and one of each at least', () => {
  const groupsOf = (count: number) => {
    const meters = Array.from({ length: 50 }, (_, at) => `M${at}` as MeterId)
    const group = { zone: 'UTC', intervalS: 900, members: 50, accounts: 0, meters }
    return { groups: Array.from({ length: count }, (_, at) => ({ ...group, group: `g${at}` })) }
  }
  const named = (count: number) =>
    boundNames(groupsOf(count)).groups.map((each) => each.meters!.length)
  expect(named(100)).toEqual(Array.from({ length: 100 }, () => 50))
  expect(named(1_000)).toEqual(Array.from({ length: 1_000 }, () => 10))
  expect(named(20_000).every((count) => count === 1)).toBe(true)
})

test('what was described of groups holds until a meter moves', () => {
  const meter = aMeter({ meter: 'A', zone: 'UTC', group: 'early', intervalS: 900 })
  const group = (name: string, fromMs: number, untilMs: number) => {
    return {
      ...meter.groups[0]!,
      group: name as (typeof meter.groups)[0]['group'],
      fromMs,
      untilMs,
    }
  }
  const groups = [group('early', Number.NEGATIVE_INFINITY, 50), group('late', 50, 90)]
  const meters = [{ ...meter, groups }]
  expect([0, 49, 50, 89, 90].map((atMs) => nextMoveMs(meters, atMs))).toEqual([
    ...[50, 50, 90, 90, Number.POSITIVE_INFINITY],
  ])
})

test('each view asks a query that selects every column it shows', () => {
  for (const { query, columns, name } of viewCatalogue) {
    const file = new URL(`../../schemas/sql/queries/${query}.sql`, import.meta.url)
    const sql = readFileSync(file, 'utf8')
    for (const { source } of columns) expect(sql, `${name}.${source}`).toContain(source)
    expect(new Set(columns.map((each) => each.name)).size).toBe(columns.length)
  }
})
