import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import { askBaseline } from './askFiles.ts'
import { readDates } from './readDates.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-ask-'))
afterAll(() => rmSync(dir, { recursive: true }))

function write(name: string, text: string): string {
  const file = path.join(dir, name)
  writeFileSync(file, text)
  return file
}

/** From 1 January 2024 to the 19th, one value all the time. */
function stamps(stepMinutes: number): string[] {
  const count = (19 * 24 * 60) / stepMinutes
  return Array.from({ length: count }, (_, slot) => {
    return new Date(Date.UTC(2024, 0, 1) + slot * stepMinutes * 60_000).toISOString().slice(0, 16)
  })
}

const method = 'caiso-10-in-10'
const event = '2024-01-19T17:00Z/PT2H'

describe('the step of a file is a fact', () => {
  const half = write(
    'half.csv',
    `start,H1\n${stamps(30)
      .map((at) => `${at}Z,1\n`)
      .join('')}`,
  )

  test('half hours of 1 kWh are 2 kWh an hour', async () => {
    const { series, input } = await askBaseline({ method, event, input: half })
    // Two hours have four intervals.
    expect(series).toMatchObject({
      H1: { stepS: 1800, baselineMwh: [1e6, 1e6, 1e6, 1e6], flags: [] },
    })
    expect(input).toMatchObject({ cells: 912, readings: 912, refused: 0, gaps: 0 })
    const why = 'nothing says another: --unit does'
    expect(input.evidence).toContainEqual({ field: 'unit', value: 'kWh', why })
  })

  test('another one is refused with both', async () => {
    const asked = askBaseline({ method, event, input: half, step: '3600', unit: 'kwh' })
    await expect(asked).rejects.toThrow(
      'half.csv: The step is set to 3600 s, and the stamps are 1800 s apart.',
    )
  })

  test('mean power is energy by it', async () => {
    const rows = stamps(15).map((at) => `${at.replace('T', ' ')};1,5\n`)
    const input = write('quarter.csv', `Zeit;H1 (kW)\n${rows.join('')}`)
    const { series } = await askBaseline({ method, event, input })
    // 1.5 kW for a quarter of an hour.
    expect(series).toMatchObject({ H1: { stepS: 900, baselineMwh: Array(8).fill(375_000) } })
  })
})

test('what cannot be read is listed, and a file of nothing else is refused', async () => {
  const rows = stamps(60).map((at, row) => `${at}Z,${row === 7 ? 'x' : 2}\n`)
  const input = write('one.csv', `start,H1\n${rows.join('')}`)
  const { rejected, series } = await askBaseline({ method, event, input, unit: 'kwh' })
  expect(rejected).toMatchObject([{ line: 9, column: 'H1', value: 'x', reason: 'not-a-number' }])
  expect(series).toMatchObject({ H1: { baselineMwh: [2e6, 2e6] } })
  const bad = write('bad.csv', 'start,H1\n2024-01-01T00:00Z,x\n2024-01-01T01:00Z,y\n')
  await expect(askBaseline({ method, event, input: bad, unit: 'kwh' })).rejects.toThrow(/bad\.csv/)
})

test('an interval that is said twice has its later value, lower or not', async () => {
  const rows = stamps(60).map((at) => `${at}Z,2\n`)
  const again = stamps(60).map((at) => `${at}Z,1\n`)
  const input = write('twice.csv', `start,H1\n${rows.join('')}${again.join('')}`)
  const { series } = await askBaseline({ method, event, input, unit: 'kwh' })
  expect(series).toMatchObject({ H1: { baselineMwh: [1e6, 1e6] } })
})

test('that there is no value is a gap, not zero', async () => {
  const rows = stamps(60).map((at) => `${at}Z,${at === '2024-01-18T18:00' ? 'OUT' : 2}\n`)
  const input = write('void.csv', `start,H1\n${rows.join('')}`)
  const { series } = await askBaseline({ method, event, input, unit: 'kwh', void: 'OUT' })
  const flags = ['passed-over:2024-01-18']
  expect(series).toMatchObject({ H1: { baselineMwh: [2e6, 2e6], flags } })
})

describe('temperatures', () => {
  const input = write(
    'loads.csv',
    `start,H1\n${stamps(60)
      .map((at) => `${at}Z,2\n`)
      .join('')}`,
  )
  const rows = stamps(60).map((at, hour) => `${at.replace('T', ' ')};${(hour % 20) - 10},5\n`)

  test.each([
    [
      `Zeit;T\n${rows.join('')}`,
      'The 456 temperatures can be read, but caiso-10-in-10 does not use',
    ],
    [`Zeit;T\n${rows.join('').replace('-4,5', 'cold')}`, /t\.csv, line 8: .*"cold"/],
    [
      'start,T1,T2\n2024-01-01T00:00Z,1,2\n2024-01-01T01:00Z,1,2\n',
      /2 columns of values \(T1, T2\)/,
    ],
    ['', /t\.csv: The file is empty/, 1],
  ])('%#: are read and checked, and not ignored in silence', async (text, sentence, code = 2) => {
    const asked = askBaseline({ method, event, input, temperature: write('t.csv', text) })
    await expect(asked).rejects.toThrow(sentence)
    expect(exitCodeOf(await asked.catch((error: unknown) => error))).toBe(code)
  })
})

describe('files of dates', () => {
  const both = ['2021-12-25', '2021-12-26']
  test.each([
    ['2021-02-10\n', ['2021-02-10']],
    ['\r\ndate\r\n2021-02-10\r\n\r\n2021-12-25\r\n', ['2021-02-10', '2021-12-25']],
    ['25/12/2021\r26/12/2021\r', ['2021-12-25', '2021-12-26']],
    ['name;day\nChristmas;25.12.2021\nBoxing Day;26.12.2021\n', ['2021-12-25', '2021-12-26']],
    ['2021-12-25,"Christmas, the day"\n2021-12-26,Boxing Day\n', ['2021-12-25', '2021-12-26']],
    ['day,name\n2021-12-25,Christmas 2021\n2021-12-26,Boxing Day 2021\n', both],
    ['from,to\n2021-12-25,25.12.2021\n2021-12-26,26.12.2021\n', both],
  ])('%j', (text, expected) => {
    expect(readDates(write('dates.csv', text), 'UTC')).toEqual(expected)
  })

  test.each([
    ['2021-02-10\nnever\n', /dates\.csv, line 2 is not a date: never/],
    ['01/02/2021\n03/04/2021\n', /can be read as d\/M\/yyyy or as M\/d\/yyyy/],
    ['', /line 1 has no date/],
    [
      'from,to,name\n2021-02-10,2021-02-10,x\n2021-02-15,2021-02-19,ski week\n',
      /line 3 has other dates in from and to: write each day/,
    ],
  ])('%j is refused, so that no day is left in by mistake', (text, sentence) => {
    expect(() => readDates(write('dates.csv', text), 'UTC')).toThrow(sentence)
  })
})

test('an instant in a file of dates is of its day in the zone', () => {
  const file = write('instants.csv', '2021-12-24T23:00:00Z\n2021-12-25T23:00:00Z\n')
  expect(readDates(file, 'Europe/Berlin')).toEqual(['2021-12-25', '2021-12-26'])
  expect(readDates(file, 'UTC')).toEqual(['2021-12-24', '2021-12-25'])
})

test('a series that is below zero is shifted, one that is not is scaled', async () => {
  // SOLAR feeds in 600 Wh an hour from 10:00 on and takes 200 before; LOAD takes 200 all day. In
  // the window of 13:00 to 16:00 both are 20 Wh above that on the day.
  const rows = stamps(60).map((at) => {
    const hour = Number(at.slice(11, 13))
    const more = at.startsWith('2024-01-19') && hour < 16 ? 20 : 0
    return `${at}Z,${(hour >= 10 ? -600 : 200) + more},${200 + more}\n`
  })
  const input = write('solar.csv', `start,SOLAR,LOAD\n${rows.join('')}`)
  const { series } = await askBaseline({ method, event, input, unit: 'wh' })
  const shift = { kind: 'additive', numerator: 20_000n, denominator: 1n }
  expect(series.SOLAR).toMatchObject({ baselineMwh: [-580_000, -580_000], adjustment: shift })
  const ratio = { kind: 'scalar', numerator: 11n, denominator: 10n }
  expect(series.LOAD).toMatchObject({ baselineMwh: [220_000, 220_000], adjustment: ratio })
})
