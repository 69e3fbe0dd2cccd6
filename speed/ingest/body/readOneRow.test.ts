import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aReading } from '../../../schemas/reading/testing/aReading.ts'
import { noSource } from '../judgeDraft.ts'
import { type ParseBodyOptions, parseBody } from './parseBody.ts'
import { readOneRow } from './readOneRow.ts'

const nowMs = Date.parse('2013-02-12T00:00Z')
const good = { meter: 'A', start: '2013-02-11T00:00Z', duration_s: 1800, energy_wh: 100 }
const by = { source: '', ingest: 'i1' }

const bytesOf = (text: string, encoding: 'utf8' | 'latin1' = 'utf8') => Buffer.from(text, encoding)
const readOne = (text: string) => readOneRow(bytesOf(text), nowMs, noSource)
const bodyOf = (changes: object = {}) => JSON.stringify([{ ...good, ...changes }])

/** What rows may have, good or not, in every member. */
const times = [
  '2013-02-11T00:00Z',
  '2013-02-11 01:00+01:00',
  '2013-02-11T00:00',
  '2999-01-01T00:00Z',
]
const time = fc.constantFrom<unknown>(...times, '1970-01-01', 'soon', '', null, 5)
const number = fc.constantFrom<unknown>(0, -0, 1, -2.5, '1.25', ' 3 ', '1e3', 1e300, 'x', '', null)
const flag = fc.constantFrom<unknown>(true, 'false', 1, '0', 'yes', null)
const quality = fc.constantFrom<unknown>('measured', 'estimated', 1, 3, 'x', null)
const anyMembers = fc.record(
  {
    meter: fc.constantFrom<unknown>('A', ' B ', 'a b', 'Zähler', '', null, 7),
    ...{ start: time, said_at: time },
    duration_s: fc.constantFrom<unknown>(1800, '900', 0.5, 0, -1, 'x', null),
    ...{ energy_wh: number, power_w: number, reactive_var: number, register_wh: number },
    ...{ revision: number, void: flag, quality },
    standing: fc.constantFrom<unknown>('fill', 'stated', 0, 9, null),
    register_rule: fc.constantFrom<unknown>(null, {}, 'x'),
    place: fc.constantFrom<unknown>({ line: 5, column: 'A', value: '1' }, {}, null),
    another: fc.constant(1),
  },
  { requiredKeys: [] },
)
/** Texts around the row: other shapes, other encodings, blanks. */
const frame = fc.constantFrom<readonly [string, string]>(
  ...([
    ['[', ']'],
    [' [\n', ' ]\r\n'],
    ['', ''],
    ['[[', ']]'],
    ['[', ',]'],
    ['[', ''],
  ] as const),
  ...([
    ['[', '] x'],
    ['[{},', ']'],
    ['\ufeff[', ']'],
    ['[', ',null]'],
  ] as const),
)

test('what it reads is what every other body comes to, and nothing beside it', () => {
  const format: ParseBodyOptions['format'] = { kind: 'json', zone: undefined }
  let read = 0
  const anyRow = fc.oneof(
    fc.constant(good),
    anyMembers.map((members) => ({ ...good, ...members })),
    anyMembers,
  )
  fc.assert(
    fc.property(anyRow, frame, fc.boolean(), (row, [before, after], isLatin1) => {
      const text = before + JSON.stringify(row) + after
      const body = bytesOf(text, isLatin1 ? 'latin1' : 'utf8')
      const reading = readOneRow(body, nowMs, by)
      if (reading === null) return
      read += 1
      const parsed = parseBody(body, { format, nowMs, source: 'client', by })
      expect(parsed.rows.map((each) => each.reading)).toStrictEqual([reading])
      expect(parsed).toMatchObject({ registers: [], rejections: [], gapsByKind: {}, evidence: [] })
      expect(parsed.zone).toBeNull()
    }),
    { numRuns: 3_000 },
  )
  expect(read).toBeGreaterThan(100)
})

test('one good reading is read, with every member that it may have', () => {
  expect(readOne(bodyOf())).toEqual(aReading())
  const more = { power_w: 200, reactive_var: -5, quality: 'estimated', revision: 3 }
  const said = { said_at: '2013-02-11T01:00Z', void: false, standing: 'stated' }
  expect(readOne(` ${bodyOf({ ...more, ...said })}\n`)).toEqual(
    aReading({
      ...{ powerW: 200, reactiveVar: -5, quality: 0, revision: 3 },
      saidAtMs: Date.parse('2013-02-11T01:00Z'),
    }),
  )
})

test.each([
  ['two readings', JSON.stringify([good, good])],
  ['none', '[]'],
  ['a register', bodyOf({ register_wh: 5 })],
  ['a place of another file', bodyOf({ place: { line: 1, column: '', value: '' } })],
  ['a stamp on the clock of a zone', bodyOf({ start: '2013-02-11T00:00' })],
  ['such a stamp of when it was said', bodyOf({ said_at: '2013-02-11T00:00' })],
  ['a reading of the future', bodyOf({ start: '2014-02-11T00:00Z' })],
  ['a member that no reading has', bodyOf({ kwh: 1 })],
  ['a letter beyond ASCII', bodyOf({ meter: 'ä' })],
  ['what is no JSON', '[{]'],
])('%s is left to who reads any body', (_, text) => {
  expect(readOne(text)).toBeNull()
})

test('a stamp that is remembered keeps 2 KiB in memory at most, whatever it was cut from', () => {
  const padding = 2_048 - bodyOf().length
  const bodyOfBytes = (bytes: number) => {
    return bodyOf({ start: good.start.padStart(good.start.length + padding + bytes - 2_048) })
  }
  expect(readOne(bodyOfBytes(2_048))).toEqual(aReading())
  expect(readOne(bodyOfBytes(2_049))).toBeNull()
})
