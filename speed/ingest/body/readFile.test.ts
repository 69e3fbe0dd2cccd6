import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeDeadLetter, encodeDeadLetter } from '../../../schemas/reading/deadLetter.ts'
import { isRefusal } from '../judgeDraft.ts'
import type { Profile } from '../profile/profileShape.ts'
import { toRejection } from './parseBody.ts'
import { readFile } from './readFile.ts'
import { rowsOfDeadLetter } from './rowsOfDeadLetter.ts'

const nowMs = Date.UTC(2025, 0, 1)

function read(text: string, profile: Profile = {}) {
  return readFile(new TextEncoder().encode(text), { profile, nowMs })
}

/** `meter start energy`, or the reason with its place. */
function outcomes(text: string, profile: Profile = {}): string[] {
  return read(text, profile).rows.map(({ row, outcome }) => {
    if (isRefusal(outcome)) return `${outcome.reason} in line ${row.place.line}`
    if ('atMs' in outcome) return `${outcome.meter} shows ${outcome.valueMwh}`
    const start = new Date(outcome.startMs).toISOString().slice(5, 16)
    return `${outcome.meter} ${start} ${outcome.durationS} s ${outcome.energyMwh}`
  })
}

const tidyRow = fc.record({
  meter: fc.constantFrom('A', 'B-2', '', '../etc', 'x y'),
  start: fc.constantFrom(
    ...['2024-01-01T00:00Z', '2024-01-01T01:00:00+01:00', '2024-01-01 00:30', 'never', ''],
    ...['2024-02-30T00:00Z', '2024-01-01T00:17Z', '2026-01-01T00:00Z', '1999-01-01T00:00Z'],
  ),
  duration_s: fc.constantFrom('1800', '3600', '0', '1800.5', '', 'x'),
  energy_wh: fc.constantFrom('', '1', '0.0005', '-2.5', '1e3', '1,5', 'x', '1e300'),
  power_w: fc.constantFrom('', '2', '0.003', 'x', '-1'),
  quality: fc.constantFrom('', 'estimated', '2', 'guessed'),
  revision: fc.constantFrom('', '0', '7', '-1', 'x'),
})

test('JSON, NDJSON and CSV of the same tidy rows are read alike', () => {
  fc.assert(
    fc.property(fc.array(tidyRow, { minLength: 1, maxLength: 8 }), (rows) => {
      const names = Object.keys(rows[0]!)
      const cell = (text: string) => `"${text}"`
      const cells = rows.map((row) => Object.values(row).map(cell).join(','))
      const csv = read(`${names.join(',')}\n${cells.join('\n')}\n`)
      const lines = rows.map((row) => JSON.stringify(row))
      const ndjson = read(lines.join('\n'), { format: 'ndjson' })
      const json = read(`[${lines.join(',')}]`, { format: 'json' })
      expect(json.rows.map(({ outcome }) => outcome)).toEqual(
        ndjson.rows.map(({ outcome }) => outcome),
      )
      // An empty value of CSV is a gap; a member that is missing is an error.
      const isGap = (line: number) => csv.gaps.some((gap) => gap.line === line + 1)
      const others = ndjson.rows.filter(({ row }) => !isGap(row.place.line))
      expect(csv.rows.map(({ outcome }) => outcome)).toEqual(others.map(({ outcome }) => outcome))
      expect(csv.rows.length + csv.gaps.length).toBe(rows.length)
    }),
  )
})

test('a tidy stamp without an offset is placed by the order of the rows of its meter', () => {
  const row = (meter: string, time: string) => `${meter},2024-11-03 ${time},1800,1`
  const rows = ['00:30', '01:00', '01:30', '01:00', '01:30', '02:00'].flatMap((time) => {
    return [row('A', time), row('B', time)]
  })
  const file = `meter,start,duration_s,energy_wh\n${rows.join('\n')}\n`
  const ofA = outcomes(file, { zone: 'America/Chicago' }).filter((each) => each.startsWith('A'))
  expect(ofA.map((each) => each.slice(8, 13))).toEqual([
    ...['05:30', '06:00', '06:30', '07:00', '07:30', '08:00'],
  ])
  expect(
    outcomes(`meter,start,duration_s,energy_wh\n${row('A', '01:30')}\n`, {
      zone: 'America/Chicago',
    }),
  ).toEqual(['bad-timestamp in line 2'])
})

test('a word that takes a value back is a reading without one; silence is a gap', () => {
  const file = 'start,A\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,n/v\n2024-01-01T01:00Z,NA\n'
  const { rows, gaps } = read(file, { layout: 'wide', unit: 'kWh', void: ['N/V'] })
  expect(rows.map(({ outcome }) => outcome)).toMatchObject([
    { energyMwh: 1_000_000, isVoid: false },
    { energyMwh: 0, isVoid: true, durationS: 1800 },
  ])
  expect(gaps).toMatchObject([{ line: 4, why: 'word' }])
})

describe('a dead letter is read again exactly', () => {
  const again = (text: string, profile: Profile = {}) =>
    read(text, profile).rows.map(({ row, outcome }) => {
      const refusal = isRefusal(outcome)
        ? outcome
        : ({ reason: 'unknown-meter', detail: '' } as const)
      const stored = decodeDeadLetter(
        encodeDeadLetter(toRejection(row, refusal, { source: 'f.csv' }), nowMs),
      )
      return { stored, items: [...rowsOfDeadLetter(stored)] }
    })

  test('a cell behind a quoted comma is its own, not its neighbour', () => {
    const file = 'start,"A, upper",B,C\n2024-01-01T00:00Z,"1.5",5,7\n2024-01-01T00:30Z,2.5,6,8\n'
    const read = again(file, { layout: 'wide', unit: 'kWh' })
    const found = read.map(({ stored, items }) => [stored.line, stored.column, stored.value, items])
    expect(found).toMatchObject([
      [2, 'B', '5', [{ content: { meter: 'B', energyMwh: 5_000_000n } }]],
      [2, 'C', '7', [{ content: { meter: 'C', energyMwh: 7_000_000n, durationS: 1800 } }]],
      [2, 'A, upper', 'A, upper', [{ content: { reason: 'bad-meter-id' } }]],
      [3, 'B', '6', [{ content: { meter: 'B', energyMwh: 6_000_000n } }]],
      [3, 'C', '8', [{ content: { meter: 'C', energyMwh: 8_000_000n } }]],
      [3, 'A, upper', 'A, upper', [{ content: { reason: 'bad-meter-id' } }]],
    ])
  })

  test('in the second of two hours, and by a step that one row does not show', () => {
    const times = ['00:30', '01:00', '01:30', '01:00', '01:30', '02:00']
    const file = `start;A;B\n${times.map((time) => `03/11/2024 ${time};1,5;2\n`).join('')}`
    const profile = { unit: 'kW', zone: 'America/Chicago', dateFormat: 'dd/MM/yyyy HH:mm' } as const
    const read = again(file, profile)
    // 1.5 kW for half an hour.
    expect(read[6]).toMatchObject({
      stored: { line: 5, column: 'A', value: '1,5' },
      items: [
        { content: { start: Date.UTC(2024, 10, 3, 7), durationS: 1800, energyMwh: 750_000n } },
      ],
    })
  })

  test('a cell that could not be read keeps its reason, whatever its neighbours are', () => {
    const file =
      'meter,when,import,export\nA,2024-01-01T00:00Z,1.5,x\nA,2024-01-01T00:30Z,"a,""b",2\n'
    const profile: Profile = {
      ...{ unit: 'kWh', step: 1800 },
      columns: { meter: 'meter', start: 'when', import: 'import', export: 'export' },
    }
    const read = again(file, profile).filter(({ stored }) => stored.reason !== 'unknown-meter')
    expect(
      read.map(({ stored, items }) => [stored.line, stored.column, stored.value, items]),
    ).toMatchObject([
      [2, 'export', 'x', [{ content: { reason: 'not-a-number' } }]],
      [3, 'import', 'a,"b', [{ content: { reason: 'not-a-number' } }]],
    ])
  })
})
