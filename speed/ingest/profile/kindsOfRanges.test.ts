import { describe, expect, test } from 'vitest'
import type { Profile } from './profileShape.ts'
import { read } from './testing/cases.ts'

/** Starts and lengths in minutes of a table whose last column are kWh. */
function lengthsOf(header: string, stamps: readonly string[], profile: Profile = {}) {
  const separator = header.includes(';') ? ';' : ','
  const rows = stamps.map((stamp, at) => `${stamp}${separator}${(at % 3) + 1}`)
  const { readings, refusals } = read([header, ...rows, ''].join('\n'), { meter: 'M', ...profile })
  expect(refusals).toEqual([])
  return readings.map(({ startMs, durationS }) => {
    return `${new Date(startMs).toISOString().slice(5, 16)} +${durationS / 60}`
  })
}

describe('a stamp that is a whole interval is its start and its end', () => {
  test.each<[what: string, header: string, stamps: readonly string[], lengthMin: number]>([
    [
      'in a column of times',
      'Date,Time,kWh',
      ['2024-01-15,00:00-00:30', '2024-01-15,00:30-01:00', '2024-01-15,01:00-01:30'],
      30,
    ],
    ['of two rows', 'Date,Time,kWh', ['2024-01-15,00:00-00:30', '2024-01-15,00:30-01:00'], 30],
    [
      'the day first',
      'Date,Time,kWh',
      ['15/01/2024,00:00-00:30', '15/01/2024,00:30-01:00', '15/01/2024,01:00-01:30'],
      30,
    ],
    [
      'dots',
      'Datum;Zeit;kWh',
      ['15.01.2024;00.00-00.15', '15.01.2024;00.15-00.30', '15.01.2024;00.30-00.45'],
      15,
    ],
    [
      'blanks',
      'Date,Time,kWh',
      ['2024-01-15,00:00 - 00:15', '2024-01-15,00:15 - 00:30', '2024-01-15,00:30 - 00:45'],
      15,
    ],
    [
      'a dash',
      'Date,Time,kWh',
      ['2024-01-15,00:00–01:00', '2024-01-15,01:00–02:00', '2024-01-15,02:00–03:00'],
      60,
    ],
    [
      'bis',
      'Datum;Zeit;kWh',
      ['15.01.2024;00:00 bis 00:15', '15.01.2024;00:15 bis 00:30', '15.01.2024;00:30 bis 00:45'],
      15,
    ],
    [
      'one column',
      'Timestamp,kWh',
      ['2024-01-15 00:00-00:15', '2024-01-15 00:15-00:30', '2024-01-15 00:30-00:45'],
      15,
    ],
    [
      'one column, to',
      'Timestamp,kWh',
      ['2024-01-15 00:00 to 00:15', '2024-01-15 00:15 to 00:30', '2024-01-15 00:30 to 00:45'],
      15,
    ],
    [
      'one column, both days',
      'Timestamp,kWh',
      ['15/01/2024 00:00 - 15/01/2024 00:30', '15/01/2024 00:30 - 15/01/2024 01:00'],
      30,
    ],
    [
      'half a day',
      'Date,Time,kWh',
      ['1/15/2024,12:00 AM - 1:00 AM', '1/15/2024,1:00 AM - 2:00 AM'],
      60,
    ],
    [
      'the last minute',
      'Date,Time,kWh',
      ['2024-01-15,00:00-00:29', '2024-01-15,00:30-00:59', '2024-01-15,01:00-01:29'],
      30,
    ],
    [
      'the half of the day behind the end alone',
      'Date,Time,kWh',
      ['1/15/2024,12:00 - 1:00 AM', '1/15/2024,1:00 - 2:00 AM', '1/15/2024,2:00 - 3:00 a.m.'],
      60,
    ],
  ])('%s', (_, header, stamps, lengthMin) => {
    const starts = stamps.map((_each, at) => {
      const start = new Date(Date.UTC(2024, 0, 15) + at * lengthMin * 60_000)
      return `${start.toISOString().slice(5, 16)} +${lengthMin}`
    })
    expect(lengthsOf(header, stamps)).toEqual(starts)
  })

  test('over midnight, in a wide file, and said', () => {
    const stamps = ['2024-01-15 23:00-23:30', '2024-01-15 23:30-00:00', '2024-01-16 00:00-00:30']
    const right = ['01-15T23:00 +30', '01-15T23:30 +30', '01-16T00:00 +30']
    expect(lengthsOf('start,A', stamps, { layout: 'wide', unit: 'kWh', meter: 'A' })).toEqual(right)
    const columns = { start: 'Period', end: 'Period', value: 'kWh' }
    expect(lengthsOf('Period,kWh', stamps, { columns })).toEqual(right)
    expect(lengthsOf('Period,kWh', stamps.slice(0, 1), { columns })).toEqual(right.slice(0, 1))
  })

  test.each([
    [
      ['1:00 - 2:00 PM', '2:00 - 3:00 PM'],
      ['01-15T13:00 +60', '01-15T14:00 +60'],
    ],
    [
      ['11:00 - 11:30 AM', '11:30 - 12:00 PM'],
      ['01-15T11:00 +30', '01-15T11:30 +30'],
    ],
    [
      ['11:00 - 11:30pm', '11:30 - 12:00am'],
      ['01-15T23:00 +30', '01-15T23:30 +30'],
    ],
  ])('a start has the half of its end, or the other one before it: %s', (times, right) => {
    const stamps = times.map((each) => `1/15/2024 ${each}`)
    expect(lengthsOf('Time,kWh', stamps)).toEqual(right)
  })

  test.each([
    ['behind the start alone', ['1:00 PM - 2:00', '2:00 PM - 3:00']],
    ['behind the second of two days', ['1:00 - 1/15/2024 2:00 PM', '2:00 - 1/15/2024 3:00 PM']],
    ['behind an hour of 24', ['13:00 - 2:00 PM', '14:00 - 3:00 PM']],
    ['behind the hour 0', ['0:00 - 1:00 PM', '0:30 - 1:30 PM']],
  ])('a half of the day %s is refused', (_, times) => {
    const rows = times.map((each) => `1/15/2024 ${each},1\n`)
    const outcome = () => read(`Time,kWh\n${rows.join('')}`, { meter: 'M' }).readings
    expect(outcome).toThrow(/stamp/i)
  })

  test('a row alone is read as its file was', () => {
    const file = 'Date,Time,kWh\n2024-01-15,05:00-06:00,1\n2024-01-15,06:00-07:00,2\n'
    const { pinned } = read(file, { meter: 'M' })
    const { readings } = read('Date,Time,kWh\n2024-01-15,06:00-07:00,2\n', pinned.profile)
    expect(readings[0]).toMatchObject({ durationS: 3600, startMs: Date.UTC(2024, 0, 15, 6) })
  })

  test('one length that is not the others is refused', () => {
    const rows = ['00:00-00:30,1', '00:30-01:30,2', '01:00-01:30,3', '01:30-02:00,4']
    const file = `Date,Time,kWh\n${rows.map((row) => `2024-01-15,${row}\n`).join('')}`
    const { refusals } = read(file, { meter: 'M' })
    expect(refusals.map(({ line }) => line)).toEqual([3])
  })
})

describe('an offset stays one', () => {
  const hours = ['00', '01', '02', '03']
  test.each([
    ['one for all rows', hours.map((hour) => `2024-01-15T${hour}:00-05:00`)],
    ['without a T', hours.map((hour) => `2024-01-15 ${hour}:00-05:00`)],
    ['behind a blank', hours.map((hour) => `2024-01-15 ${hour}:00 -05:00`)],
    ['of half an hour', hours.map((hour) => `2024-01-15 ${hour}:00-03:30`)],
    [
      'at the change of the clocks',
      ['00:00-05:00', '01:00-05:00', '03:00-04:00', '04:00-04:00'].map(
        (each) => `2024-03-10 ${each}`,
      ),
    ],
  ])('%s', (_, stamps) => {
    const hour = (lengthsOf('Timestamp,kWh', stamps)[0] ?? '').slice(6, 8)
    expect(['05', '03']).toContain(hour)
  })

  test('days from midnight to midnight, over both changes', () => {
    const days = Array.from({ length: 360 }, (_, at) => {
      const day = new Date(Date.UTC(2024, 0, 1 + at)).toISOString().slice(0, 10)
      const isSummer = day >= '2024-03-11' && day <= '2024-11-03'
      return `${day} 00:00-0${isSummer ? 4 : 5}:00`
    })
    const zone = 'America/New_York'
    const found = lengthsOf('Timestamp,kWh', days, { zone })
    expect(found[0]).toBe('01-01T05:00 +1440')
  })
})
