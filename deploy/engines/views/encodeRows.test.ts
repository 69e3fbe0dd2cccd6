import { tableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError, InvariantError } from '../../../schemas/errors/wattproofError.ts'
import { encodeRows, type Row } from './encodeRows.ts'

const columns = {
  text: 'String',
  yes: 'Bool',
  small: 'UInt8',
  middle: 'UInt16',
  whole: 'UInt32',
  large: 'UInt64',
  wide: 'UInt128',
  signed: 'Int64',
  single: 'Float32',
  double: 'Float64',
  instant: 'DateTime64',
  maybe: 'Nullable(Float32)',
  maybeWhole: 'Nullable(Int64)',
}

const row = {
  text: 'ü',
  yes: true,
  small: 255,
  middle: 65_535,
  whole: 4_294_967_295,
  large: 2n ** 64n - 1n,
  wide: 2n ** 128n - 1n,
  signed: -(2n ** 63n),
  single: 0.5,
  double: 0.1,
  instant: Date.UTC(2013, 1, 11),
  maybe: null,
  maybeWhole: null,
}

function decode(rows: readonly Row[], types: Record<string, string> = columns) {
  const table = tableFromIPC(encodeRows(types, rows))
  return table.toArray().map((each) => {
    const row = (each as { toJSON(): Row }).toJSON()
    return row.wide instanceof Uint8Array ? { ...row, wide: toWide(row.wide) } : row
  })
}

/** Sixteen bytes, the lowest first. */
function toWide(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
}

test('each type at the ends of its range', () => {
  expect(decode([row])).toEqual([row])
})

test('the stream itself names and types its columns', () => {
  const { fields } = tableFromIPC(encodeRows(columns, [row])).schema
  expect(fields.map((field) => `${field.name} ${field.type} ${field.nullable}`)).toEqual([
    'text Utf8 false',
    'yes Bool false',
    'small Uint8 false',
    'middle Uint16 false',
    'whole Uint32 false',
    'large Uint64 false',
    'wide FixedSizeBinary[16] false',
    'signed Int64 false',
    'single Float32 false',
    'double Float64 false',
    'instant Timestamp<MILLISECOND, UTC> false',
    'maybe Float32 true',
    'maybeWhole Int64 true',
  ])
})

test('rows round-trip, nulls included', () => {
  const rows = fc.array(
    fc.record({
      text: fc.string({ unit: 'binary' }),
      yes: fc.boolean(),
      signed: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      double: fc.double({ noNaN: true, noDefaultInfinity: true }),
      maybe: fc.option(fc.float({ noNaN: true, noDefaultInfinity: true })),
    }),
    { minLength: 1, maxLength: 30 },
  )
  const { text, yes, signed, double, maybe } = columns
  fc.assert(
    fc.property(rows, (given) => {
      expect(decode(given, { text, yes, signed, double, maybe })).toEqual(given)
    }),
  )
})

test('a whole number may be a number, a bigint or digits', () => {
  const large = [1, 1n, '1', Number.MAX_SAFE_INTEGER, '18446744073709551615']
  expect(
    decode(
      large.map((each) => ({ large: each })),
      { large: 'UInt64' },
    ),
  ).toEqual(
    [1n, 1n, 1n, 9_007_199_254_740_991n, 18_446_744_073_709_551_615n].map((each) => ({
      large: each,
    })),
  )
})

describe('an error names its row and its column', () => {
  test.each([
    ['text', 1],
    ['text', null],
    ['yes', 1],
    ['yes', 'true'],
    ['small', 256],
    ['small', -1],
    ['middle', 65_536],
    ['whole', 1.5],
    ['whole', '1'],
    ['whole', Number.NaN],
    ['large', -1],
    ['large', 2n ** 64n],
    ['large', 2 ** 53],
    ['large', '1.0'],
    ['large', ''],
    ['wide', -1],
    ['wide', 2n ** 128n],
    ['wide', 2 ** 53],
    ['signed', 2n ** 63n],
    ['instant', 0.5],
    ['instant', '2013-02-11'],
    ['single', Number.NaN],
    ['double', Number.POSITIVE_INFINITY],
    ['double', '0.1'],
    ['maybe', 'none'],
    ['maybeWhole', 0.5],
    ['other', 1],
  ])('%s: %s', (name, value) => {
    const encode = () => encodeRows(columns, [row, { ...row, [name]: value }])
    expect(encode).toThrow(InvalidArgumentError)
    expect(encode).toThrow(new RegExp(`^Row 1.*${name}`))
  })
})

test('every bit of 128 is kept', () => {
  const wide = fc.array(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), { minLength: 1 })
  fc.assert(
    fc.property(wide, (given) => {
      const rows = given.map((each) => ({ wide: each }))
      expect(decode(rows, { wide: 'UInt128' })).toEqual(rows)
    }),
  )
})

test('an unknown type is our own mistake', () => {
  expect(() => encodeRows({ a: 'UUID' }, [{ a: 'x' }])).toThrow(InvariantError)
})
