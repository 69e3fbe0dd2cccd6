import { describe, expect, test } from 'vitest'
import { isoUtc } from '../../../schemas/time.ts'
import type { Profile } from './profileShape.ts'
import { type Case, cases, half, read } from './testing/cases.ts'

/** Rows at the given minutes of 5 March 2024. */
function at(name: string, minutes: readonly number[]): string {
  const stamps = minutes.map((minute) => isoUtc(Date.UTC(2024, 2, 5, 0, minute)))
  return `${name},A\n${stamps.map((stamp) => `${stamp},1\n`).join('')}`
}
const every = (step: number, from: number, to: number) =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step)

/** Stamps of the rows that are refused. */
function refused(file: string, profile: Profile = half): string[] {
  const lines = file.split('\n')
  return read(file, profile).refusals.map(({ line }) => lines[line - 1]!.slice(11, 16))
}

describe('where the step changes, each row is of the run that it belongs to', () => {
  const toHalf = [...every(60, 60, 240), ...every(30, 270, 600)]
  const toHour = [...every(30, 0, 330), ...every(60, 360, 600)]
  const hours = ['06:00', '07:00', '08:00', '09:00', '10:00']
  test.each([
    ['starts, half hours first', at('start', toHour), hours],
    [
      'starts, hours first',
      at('start', [...every(60, 0, 240), ...every(30, 300, 600)]),
      hours.map((_, hour) => `0${hour}:00`),
    ],
    [
      'ends, half hours first',
      at(
        'end',
        toHour.map((minute) => minute + 30),
      ),
      ['07:30', '08:30', '09:30', '10:30'],
    ],
    ['ends, hours first', at('end', toHalf), ['01:00', '02:00', '03:00', '04:00']],
    [
      'a missing row is no other step',
      at('end', [...every(30, 30, 300), ...every(30, 360, 600)]),
      [],
    ],
    [
      'two missing rows in a row neither',
      at('start', [...every(30, 0, 300), 360, 420, 450, 480]),
      [],
    ],
  ])('%s', (_, file, expected) => {
    expect(refused(file)).toEqual(expected)
  })
})

const wide = (rows: readonly (readonly [string, string])[]) => {
  const lines = rows.map(([a, b], index) => {
    return `${isoUtc(Date.UTC(2024, 2, 5, 0, index * 15))},${a},${b}\n`
  })
  return `start,A,B\n${lines.join('')}`
}
const quarters = Array.from({ length: 16 }, (_, index) => index)

describe('a column of a longer step beside one of a shorter', () => {
  cases([
    [
      'is named',
      wide(quarters.map((index) => ['1', index % 4 === 0 ? '4' : ''] as const)),
      half,
      'Column B has a value every 3600 s, and the rows are 900 s apart',
    ],
    [
      'where each second is missing, too',
      wide(quarters.map((index) => ['1', index % 2 === 0 ? '4' : ''] as const)),
      half,
      'Column B has a value every 1800 s',
    ],
  ])
  test('two values do not show a step where they do not cover the rows', () => {
    const halves = Array.from({ length: 48 }, (_, index) => index)
    const rows = halves.map((index) => {
      const stamp = isoUtc(Date.UTC(2024, 2, 5, 0, index * 30))
      return `${stamp},1,${index === 3 || index === 11 ? '4' : ''}\n`
    })
    const { readings, gaps } = read(`start,A,B\n${rows.join('')}`, half)
    expect([readings.length, gaps.length]).toEqual([50, 46])
  })
  test('two values that cover them do', () => {
    const rows = wide([0, 1, 2, 3, 4, 5, 6, 7].map((index) => ['1', index % 4 ? '' : '4']))
    expect(() => read(rows, half)).toThrow('Column B has a value every 3600 s')
  })
  test('some missing values are gaps', () => {
    const file = wide(quarters.map((index) => ['1', index % 3 === 0 || index === 7 ? '' : '4']))
    expect(read(file, half).gaps).toHaveLength(7)
  })
})

const days = (rows: readonly string[]) => `Datum;Uhrzeit;kWh\n${rows.join('\n')}\n`
const dayOf = (day: number, times: readonly string[]) =>
  times.map((time) => `1${day}.03.2024;${time};1`)
const old = ['06:00', '12:00', '18:00', '23:00', '00:00']
const again = ['00:00', '06:00', '12:00', '18:00', '23:00']
const meter: Profile = { meter: 'M' }

describe('midnight under the old date', () => {
  const said = '"13.03.2024 00:00" follows the last hour of its own date'
  cases([
    ['is refused', days([...dayOf(3, old), ...dayOf(4, old)]), meter, `Line 6: ${said}`],
    [
      'from the last row to the first',
      days([...dayOf(4, old.toReversed()), ...dayOf(3, old.toReversed())]),
      meter,
      'Line 2: "14.03.2024 00:00"',
    ],
    ['ends are said', days(dayOf(3, old)), { ...meter, stamp: 'end' }, said],
  ])
  test.each([
    ['in order', [...dayOf(3, ['22:00', '23:00']), ...dayOf(4, ['00:00', '01:00'])]],
    ['a day again', [...dayOf(3, again), ...dayOf(3, again)]],
    ['rows in no order', dayOf(3, ['12:00', '06:00', '23:00', '00:00'])],
  ])('%s is none', (_, rows) => {
    expect(read(days(rows), meter).readings.length).toBeGreaterThan(0)
  })
})

const zone = 'Europe/London'
const clock = (name: string, stamps: string) =>
  `${name},A\n${stamps
    .split(' ')
    .map((time, index) => `2024-10-27 ${time},${index + 1}\n`)
    .join('')}`
const inOrder = [
  '10-26T23:00',
  '10-26T23:30',
  '10-27T00:00',
  '10-27T00:30',
  '10-27T01:00',
  '10-27T01:30',
  '10-27T02:00',
  '10-27T02:30',
].map((stamp, index) => `${stamp} ${index + 1}000000`)
const rowsOf = (pairs: string) => {
  const lines = pairs.split(' ').map((pair, index) => {
    const stamps = pair.split('-').map((time) => `2024-10-27 ${time}`)
    return `M,${stamps.join(',')},${index + 1}\n`
  })
  return `meter,start,end,kwh\n${lines.join('')}`
}
const ofStarts = [
  ...['00:00-00:30', '00:30-01:00', '01:00-01:30', '01:30-02:00'],
  ...['01:00-01:30', '01:30-02:00', '02:00-02:30', '02:30-03:00'],
].join(' ')
const ofDays = '10-26 00:00,2024-10-27 00:00,1\nM,2024-10-27 00:00,2024-10-28 00:00,2\n'
const late = ['00:00:02', '00:30:01', '01:00:03', '01:30:02'].map(
  (time) => `2024-03-05T${time}Z,1\n`,
)

describe('ends about the repeated hour', () => {
  cases([
    [
      'by the clock of the end',
      clock('End', '00:30 01:00 01:30 01:00 01:30 02:00 02:30 03:00'),
      { ...half, zone },
      inOrder,
    ],
    [
      'by the clock of the start',
      clock('End', '00:30 01:00 01:30 02:00 01:30 02:00 02:30 03:00'),
      { ...half, zone },
      inOrder,
    ],
    ['beside starts', rowsOf(ofStarts), { zone }, inOrder],
  ])
  test('the day itself is an hour longer', () => {
    const file = `meter,start,end,kwh\nM,2024-${ofDays}`
    expect(read(file, { zone }).readings.map(({ durationS }) => durationS)).toEqual([
      86_400, 90_000,
    ])
  })
})

const known: readonly Case[] = [
  [
    'stamps that are late by seconds, and a step is said',
    `start,A\n${late.join('')}`,
    { ...half, step: 1800 },
    'round the stamps to its grid',
  ],
  [
    'a counter is no duration',
    `meter,date,interval,kwh\n${[1, 2, 3, 4].map((each) => `M,2024-03-05,${each},1\n`).join('')}`,
    {},
    'Column interval counts the intervals (1, 2, 3, …)',
  ],
]

describe('causes', () => cases(known))

describe('a resolution above the header', () => {
  const rows = ['00', '15', '30', '45'].map((minute) => `2024-01-15T00:${minute}Z;1\n`)
  const file = (resolution: string) => `${resolution}\n\nstart;A\n${rows.join('')}`
  test.each([
    ...['Resolution;30 min', 'Auflösung;1 h', 'Granularity;60 minutes', 'Resolution;0.5 h'],
    ...['Auflösung;0,5 Std', 'Resolution;1/2h', 'Resolution;PT30M', 'Zeitraster;1/2 Stunde'],
    ...['Resolution: 30 min', 'Time step;00:30', 'Pas de temps;2 heures'],
  ])('%s', (said) => {
    expect(() => read(file(said), half)).toThrow('and the stamps are 900 s apart')
    expect(read(file(said), { ...half, step: 900 }).readings).toHaveLength(4)
  })
  test.each([
    ...['Resolution;15 min', 'Resolution;900 s', 'Resolution;fine', 'Meter;30 min'],
    ...['Resolution;1/4h', 'Resolution;0,25 h', 'Resolution;PT15M', 'Resolution: 15 minutes'],
    ...['Resolution;30', 'Interval;from 1 h on', 'Resolution;1 kWh', 'Resolution;0.001 kWh'],
  ])('%s is none, or the same', (said) => {
    expect(read(file(said), half).readings).toHaveLength(4)
  })
})
