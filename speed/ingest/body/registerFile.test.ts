import { expect, test } from 'vitest'
import { isRefusal } from '../judgeDraft.ts'
import { readFile } from './readFile.ts'

const nowMs = Date.UTC(2025, 0, 1)
const at = (slot: number) => `2024-01-01T0${slot}:00Z`

/** `value quality`, or the reason and its cell. */
function registers(text: string): string[] {
  const read = readFile(new TextEncoder().encode(text), { profile: {}, nowMs })
  return (read.said ?? read).rows.map(({ row, outcome }) => {
    if (isRefusal(outcome)) return `${outcome.reason} ${row.place.value}`
    return 'atMs' in outcome ? `${outcome.valueMwh} ${outcome.quality}` : 'no register'
  })
}

test.each([
  ['void', 'duration_s'],
  ['standing', 'JSON'],
  ['register_rule', 'JSON'],
  ['place', 'JSON'],
  ['duration_s', 'instant'],
  ['energy_wh', 'register_wh'],
  ['qualty', 'not a column of a tidy file'],
  ['', 'not a column of a tidy file'],
])('a column %o beside registers is refused by name', (name, advice) => {
  const file = `meter,start,register_wh,${name}\nT,${at(0)},12500,true\n`
  expect(() => registers(file)).toThrow(`"${name}"`)
  expect(() => registers(file)).toThrow(advice)
})

test('a column of registers that is named twice is refused', () => {
  const file = `meter,start,register_wh,register_wh\nT,${at(0)},1,2\n`
  expect(() => registers(file)).toThrow('named twice')
})

test('a power without a register is refused, not lost as a gap', () => {
  const rows = [`T,${at(0)},100,5,`, `T,${at(1)},,6,`, `T,${at(2)},,,7`, `T,${at(3)},,,`]
  const file = `meter,start,register_wh,power_w,reactive_var\n${rows.join('\n')}\n`
  expect(registers(file)).toEqual(['100000 2', 'missing-field ', 'missing-field '])
})

test('registers are written as the energies of a tidy file are', () => {
  const values = ['"10,5"', '"1,000,500"', '"1 000"', '10.5', '1e3']
  const rows = values.map((value, slot) => `T,${at(slot)},${value}\n`)
  const file = `meter,start,register_wh\n${rows.join('')}`
  expect(registers(file)).toEqual([
    ...['not-a-number 10,5', 'not-a-number 1,000,500', 'not-a-number 1 000'],
    ...['10500 2', '1000000 2'],
  ])
})

test('one decimal comma in a file of them is as wrong', () => {
  const file = `meter,start,register_wh\nT,${at(0)},"10,5"\nT,${at(1)},"11,5"\n`
  expect(registers(file)).toEqual(['not-a-number 10,5', 'not-a-number 11,5'])
})

test('a stamp that is not ISO 8601 is refused', () => {
  const rows = ['T,01/02/2024 00:00,1', 'T,1704067200,1', `T,${at(0)},1`]
  const file = (own: readonly string[]) => `meter,start,register_wh\n${own.join('\n')}\n`
  expect(registers(file(rows))).toEqual([
    ...['bad-timestamp 01/02/2024 00:00', 'bad-timestamp 1704067200', '1000 2'],
  ])
  expect(() => registers(file(rows.slice(0, 2)))).toThrow('iso')
})

test('qualities are the words and numbers of a tidy file', () => {
  const words = ['', '0', '1', '2', 'estimated', 'substituted', 'measured', 'actual', '3']
  const rows = words.map((word, slot) => `T,${at(slot)},${slot},${word}\n`)
  const file = `meter,start,register_wh,quality\n${rows.join('')}`
  const read = registers(file).map((each) => each.split(' ').at(-1))
  expect(read).toEqual(['2', '0', '1', '2', '0', '1', '2', 'actual', '3'])
})

test('a void interval is sent as a file of its own, as the refusal says', () => {
  const file = `meter,start,duration_s,energy_wh,void\nT,${at(0)},1800,,true\n`
  const { rows } = readFile(new TextEncoder().encode(file), { profile: {}, nowMs })
  expect(rows.map(({ outcome }) => outcome)).toMatchObject([{ isVoid: true, durationS: 1800 }])
})
