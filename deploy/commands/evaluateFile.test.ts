import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import { describeEvaluated, evaluateBaseline } from './evaluateFile.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-evaluate-'))
afterAll(() => rmSync(dir, { recursive: true }))

function write(name: string, text: string): string {
  const file = path.join(dir, name)
  writeFileSync(file, text)
  return file
}

/** Hours of 1 (a Monday) to 28 January 2024; of its 20 weekdays ten have a full pool. */
function hoursOf(textOf: (date: string, hour: number) => string): string {
  const rows = Array.from({ length: 28 * 24 }, (_, slot) => {
    const stamp = new Date(Date.UTC(2024, 0, 1, slot)).toISOString()
    return `${stamp.slice(0, 16)},${textOf(stamp.slice(0, 10), slot % 24)}\n`
  })
  return rows.join('')
}

/** A is 1 kWh until the 15th, 1.5 from then on; B the other way round. */
const input = write(
  'two.csv',
  `start,A,B\n${hoursOf((date) => (date < '2024-01-15' ? '1,1.5' : '1.5,1'))}`,
)
const common = { input, eventHours: '16-20', methods: 'all', zone: 'Europe/Paris', unit: 'kwh' }

describe('days of one load, then another', () => {
  // The window before the event raises the mean by 1.5 / mean, and lowers it, clipped to 1.2 and
  // 0.8: k of ten days at the new level, k from 0 to 9.
  const levels = Array.from({ length: 10 }, (_, days) => days)
  const adjusted = (mean: number, own: number) => mean * Math.min(1.2, Math.max(0.8, own / mean))
  const errorsA = levels.map((days) => adjusted((10 * 1 + days * 0.5) / 10, 1.5) - 1.5)
  const errorsB = levels.map((days) => adjusted((10 * 1.5 - days * 0.5) / 10, 1) - 1)
  const sum = (values: readonly number[]) => values.reduce((whole, each) => whole + each, 0)

  test('every series alone, and all of them', async () => {
    const { methods, series, leftOut } = await evaluateBaseline({ ...common, days: 'working' })
    const { events, nmae, bias, breakEvenShiftCost } = series!.A!['caiso-10-in-10']!
    expect([events, breakEvenShiftCost]).toEqual([10, null])
    expect(nmae).toBeCloseTo(-sum(errorsA) / 15, 6)
    expect(bias).toBeCloseTo(sum(errorsA) / 15, 6)
    expect(series!.B!['caiso-10-in-10']!.bias).toBeCloseTo(sum(errorsB) / 10, 6)
    const all = methods['caiso-10-in-10']!
    expect(all.events).toBe(20)
    expect(all.bias).toBeCloseTo((sum(errorsA) + sum(errorsB)) / 25, 6)
    expect(leftOut['caiso-10-in-10']).toEqual({ gap: 0, 'few-days': 20, 'clock-change': 0 })
  })

  test('a portfolio is the sum, day by day', async () => {
    const found = await evaluateBaseline({ ...common, days: 'working', group: 'all' })
    const errors = errorsA.map((each, day) => each + errorsB[day]!)
    const { events, rrmse, nmae } = found.methods['caiso-10-in-10']!
    expect(events).toBe(10)
    expect(nmae).toBeCloseTo(sum(errors.map(Math.abs)) / 25, 6)
    expect(rrmse).toBeCloseTo(Math.sqrt(sum(errors.map((each) => each ** 2)) / 10) / 2.5, 6)
    expect(found).not.toHaveProperty('series')
    expect(describeEvaluated(found)).toMatch(/^method .*\ncaiso-10-in-10 +10 .* 20 few-days$/)
  })

  test('holidays and days with an event are left out', async () => {
    const holidays = write('holidays.csv', '2024-01-26\n')
    const excludeDays = write('events.csv', 'date\n2024-01-25\n2024-01-27\n')
    const options = { ...common, holidays, excludeDays }
    const working = await evaluateBaseline({ ...options, days: 'working' })
    expect(working.methods['caiso-10-in-10']!.events).toBe(2 * 8)
    // Weekends: the first four days are the pool; the 20th, 21st, the holiday, not the 27th, the
    // 28th.
    const other = await evaluateBaseline({ ...options, days: 'other' })
    expect(other.methods['caiso-10-in-10']!.events).toBe(2 * 4)
  })
})

test('cells that cannot be read are listed and are gaps', async () => {
  const bad = (date: string, hour: number) => (date === '2024-01-26' && hour === 16 ? 'x' : '2')
  const file = write('bad.csv', `start,A\n${hoursOf(bad)}`)
  const found = await evaluateBaseline({ ...common, input: file, days: 'working' })
  expect(found.rejected).toMatchObject([{ column: 'A', value: 'x', reason: 'not-a-number' }])
  expect(found.leftOut['caiso-10-in-10']).toMatchObject({ gap: 1, 'few-days': 10 })
  expect(found.methods['caiso-10-in-10']).toMatchObject({ events: 9, rrmse: 0 })
})

test('a reading of another length is refused, and two lengths have no sum', async () => {
  const row = (meter: string, hour: number, durationS: number) => {
    return `${meter},${new Date(Date.UTC(2024, 0, 1, hour)).toISOString()},${durationS},5\n`
  }
  const header = 'meter,start,duration_s,energy_wh\n'
  const hours = [0, 1, 2, 3]
  const one = hours.map((hour) => row('A', hour, hour === 3 ? 1800 : 3600))
  const mixed = { ...common, layout: 'tidy', unit: 'Wh', days: 'working' } as const
  const change = await evaluateBaseline({ ...mixed, input: write('c.csv', header + one.join('')) })
  expect(change.rejected).toMatchObject([{ line: 5, reason: 'wrong-interval' }])
  const two = hours.flatMap((hour) => [row('A', hour, 3600), row('B', hour, 1800)])
  const file = write('mixed.csv', header + two.join(''))
  await expect(evaluateBaseline({ ...mixed, input: file, group: 'all' })).rejects.toThrow(
    'The sites have intervals of 3600 s and of 1800 s, which cannot be added up.',
  )
})

test.each([
  [{ eventHours: '16' }, 'not "16"'],
  [{ eventHours: '20-20' }, 'such as 16-20 or 16:30-18, not "20-20"'],
  [{ eventHours: '16-25' }, 'not "16-25"'],
  [{ eventHours: '16-20-21' }, 'not "16-20-21"'],
  [{ methods: 'best' }, 'no baseline method named best'],
  [{ eventHours: '16:30-18' }, /5400/],
  [{ input: path.join(dir, 'none.csv') }, 'There is no file'],
])('%o is wrong use', async (some, sentence) => {
  const asked = evaluateBaseline({ ...common, days: 'all', ...some })
  await expect(asked).rejects.toThrow(sentence)
  expect(exitCodeOf(await asked.catch((error: unknown) => error))).toBe(2)
})
