import { tableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError, InvariantError } from '../../../schemas/errors/wattproofError.ts'
import { sameText } from '../../../schemas/sql/insertColumns.ts'
import { encodeColumns, type GivenColumns, withoutDefaults } from './encodeColumns.ts'
import { encodeRows, type Row } from './encodeRows.ts'

const types = {
  text: 'String',
  yes: 'Bool',
  small: 'UInt8',
  middle: 'UInt16',
  whole: 'UInt32',
  large: 'UInt64',
  signed: 'Int64',
  wide: 'UInt128',
  single: 'Float32',
  double: 'Float64',
  instant: 'DateTime64',
  maybe: 'Nullable(Float32)',
  maybeInstant: 'Nullable(DateTime64)',
}

const oneRow = {
  text: sameText('ü'),
  yes: Uint8Array.of(1),
  small: Uint32Array.of(255),
  middle: Uint16Array.of(65_535),
  whole: Uint32Array.of(4_294_967_295),
  large: BigUint64Array.of(2n ** 64n - 1n),
  signed: Float64Array.of(-Number.MAX_SAFE_INTEGER),
  wide: { base: 2n ** 128n - 2n, added: Float64Array.of(1) },
  single: Float32Array.of(0.5),
  double: Float64Array.of(0.1),
  instant: Float64Array.of(Date.UTC(2013, 1, 11)),
} satisfies GivenColumns

function decode(bytes: Uint8Array): Row[] {
  return tableFromIPC(bytes)
    .toArray()
    .map((each) => (each as { toJSON(): Row }).toJSON())
}

const drawn = fc.record({
  text: fc.constantFrom('', 'a', 'ü', 'meter-1'),
  yes: fc.boolean(),
  small: fc.nat(255),
  signed: fc.maxSafeInteger(),
  large: fc.maxSafeNat(),
  more: fc.maxSafeNat(),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  maybe: fc.option(fc.float({ noNaN: true, noDefaultInfinity: true })),
  maybeInstant: fc.option(fc.integer({ min: 0, max: 4e12 })),
})

test('texts keep their own bytes, whatever follows them', () => {
  const halves = ['\ud83d', '\ude00']
  for (const texts of [['a', '', 'meter-1'], ['a', 'ü', '', '€uro', '😀', 'z'], halves]) {
    const text = { texts, indexes: Uint32Array.from(texts.keys()) }
    const bytes = encodeColumns({ text: 'String' }, { text }, { from: 0, to: texts.length })
    // As alone: a half of a character has no bytes of its own.
    const alone = texts.map((each) => Buffer.from(each, 'utf8').toString('utf8'))
    expect(decode(bytes).map((row) => row.text)).toEqual(alone)
  }
})

test('columns are the rows that they stand for, of any range of them', () => {
  const { text, yes, small, signed, large, wide, double, maybe, maybeInstant } = types
  const own = { text, yes, small, signed, large, wide, double, maybe, maybeInstant }
  const base = fc.bigInt({ min: 0n, max: 2n ** 128n - 2n ** 53n })
  const many = fc.array(drawn, { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(many, base, fc.nat(), (list, base, cut) => {
      const from = cut % list.length
      const bytes = encodeColumns(own, columnsOf(list, base), { from, to: list.length })
      const rows = list.map(({ more, ...row }) => ({ ...row, wide: base + BigInt(more) }))
      expect(decode(bytes)).toEqual(decode(encodeRows(own, rows.slice(from))))
    }),
  )
})

test('one value stands for all rows', () => {
  const rows = decode(encodeColumns(types, oneRow, { from: 0, to: 3 }))
  const [row] = decode(
    encodeRows(types, [
      {
        ...{ text: 'ü', yes: true, small: 255, middle: 65_535, whole: 4_294_967_295 },
        ...{ large: 2n ** 64n - 1n, signed: -Number.MAX_SAFE_INTEGER, single: 0.5, double: 0.1 },
        wide: 2n ** 128n - 1n,
        instant: Date.UTC(2013, 1, 11),
      },
    ]),
  )
  expect(rows).toEqual([row, row, row])
  expect(row).toMatchObject({ maybe: null, maybeInstant: null })
})

test('only what is zero, null or empty in all rows is left to the store', () => {
  const zero = Uint8Array.of(0)
  const none = Float64Array.of(Number.NaN)
  const empty = { ...{ text: sameText(''), yes: zero, small: zero, large: zero, instant: zero } }
  const given = { ...oneRow, ...empty, maybe: none, double: Float64Array.of(0, 0) }
  const sent = withoutDefaults(types, given)
  const names = ['middle', 'whole', 'signed', 'wide', 'single', 'double']
  expect(Object.keys(sent.columns)).toEqual(names)
  expect(Object.keys(sent.given)).toEqual(names)
  // A null is another value than zero, and minus zero is one too.
  const other = { ...empty, maybe: zero, maybeInstant: zero, double: Float64Array.of(-0) }
  const kept = withoutDefaults(types, { ...oneRow, ...other })
  expect(Object.keys(kept.columns)).toEqual([...names, 'maybe', 'maybeInstant'])
  // An insert names a column.
  const nothing = { a: 'UInt8', b: 'String' }
  expect(withoutDefaults(nothing, { a: zero, b: sameText('') }).columns).toEqual(nothing)
})

describe('an error names its row and its column', () => {
  test.each<[string, GivenColumns[string]]>([
    ['yes', Uint8Array.of(1, 2)],
    ['small', Uint32Array.of(0, 256)],
    ['small', Float64Array.of(0, 0.5)],
    ['middle', Float64Array.of(0, -1)],
    ['whole', Float64Array.of(0, Number.NaN)],
    ['large', Float64Array.of(0, -1)],
    ['large', Float64Array.of(0, 2 ** 53)],
    ['signed', Float64Array.of(0, 0.5)],
    ['signed', Float64Array.of(0, Number.NaN)],
    ['instant', Float64Array.of(0, 0.5)],
    ['wide', { base: 0n, added: Float64Array.of(0, -1) }],
    ['wide', { base: 0n, added: Float64Array.of(0, 0.5) }],
    ['wide', { base: 0n, added: Float64Array.of(0, Number.NaN) }],
    ['wide', { base: 0n, added: Float64Array.of(0, 2 ** 53) }],
    ['wide', { base: 2n ** 128n - 1n, added: Float64Array.of(0, 1) }],
    ['single', Float32Array.of(0, Number.NaN)],
    ['double', Float64Array.of(0, Number.POSITIVE_INFINITY)],
  ])('%s: %s', (name, column) => {
    const encode = () => encodeColumns(types, { ...oneRow, [name]: column }, { from: 0, to: 2 })
    expect(encode).toThrow(InvalidArgumentError)
    expect(encode).toThrow(new RegExp(`^Row 1, ${name}`))
  })
})

test('a column that is missing, unknown, too short or of the other kind is refused', () => {
  const say = (given: GivenColumns) => () => encodeColumns(types, given, { from: 0, to: 3 })
  expect(say({ ...oneRow, text: undefined })).toThrow('lack text')
  expect(say({ ...oneRow, other: Uint8Array.of(1) })).toThrow('other')
  expect(say({ ...oneRow, small: Uint8Array.of(1, 2) })).toThrow('2 values for 3 rows')
  expect(say({ ...oneRow, small: sameText('1') })).toThrow('1 is no number')
  expect(say({ ...oneRow, text: Uint8Array.of(7) })).toThrow('7 is no text')
  expect(say({ ...oneRow, wide: Uint8Array.of(7) })).toThrow('7 is no base')
  const wide = { base: 5n, added: Float64Array.of(1, 2) }
  expect(say({ ...oneRow, large: oneRow.wide })).toThrow('is no number')
  expect(say({ ...oneRow, wide })).toThrow('2 values for 3 rows')
  for (const base of [-1n, 2n ** 128n]) {
    expect(say({ ...oneRow, wide: { ...wide, base } })).toThrow(InvalidArgumentError)
  }
  const texts = { texts: ['a'], indexes: Uint32Array.of(0, 1, 0) }
  expect(say({ ...oneRow, text: texts })).toThrow('1 is no text')
  expect(() => encodeColumns({ a: 'UUID' }, { a: Uint8Array.of(1) }, { from: 0, to: 1 })).toThrow(
    InvariantError,
  )
})

type Drawn = {
  readonly text: string
  readonly yes: boolean
  readonly small: number
  readonly signed: number
  readonly large: number
  readonly more: number
  readonly double: number
  readonly maybe: number | null
  readonly maybeInstant: number | null
}

function columnsOf(rows: readonly Drawn[], base: bigint): GivenColumns {
  const texts = [...new Set(rows.map(({ text }) => text))]
  return {
    text: { texts, indexes: Uint32Array.from(rows, ({ text }) => texts.indexOf(text)) },
    yes: Uint8Array.from(rows, ({ yes }) => Number(yes)),
    small: Uint32Array.from(rows, ({ small }) => small),
    signed: Float64Array.from(rows, ({ signed }) => signed),
    large: Float64Array.from(rows, ({ large }) => large),
    wide: { base, added: Float64Array.from(rows, ({ more }) => more) },
    double: Float64Array.from(rows, ({ double }) => double),
    maybe: Float32Array.from(rows, ({ maybe }) => maybe ?? Number.NaN),
    maybeInstant: Float64Array.from(rows, ({ maybeInstant: ms }) => ms ?? Number.NaN),
  }
}
