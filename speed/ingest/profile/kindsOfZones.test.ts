import { describe, expect, test } from 'vitest'
import { isoUtc } from '../../../schemas/time.ts'
import type { Profile } from './profileShape.ts'
import { readWithProfile } from './readWithProfile.ts'
import { type Case, cases, half, read } from './testing/cases.ts'

const rows = '2024-07-05 00:00,1\n2024-07-05 00:30,2\n'
const of = (name: string) => `${name},A\n${rows}`
const inUtc = ['07-05T00:00 1000000', '07-05T00:30 2000000']
const inLondon = ['07-04T23:00 1000000', '07-04T23:30 2000000']
const london: Profile = { ...half, zone: 'Europe/London' }
const isSaid = 'zone is set to Europe/London, and the column'
const local = of('time')

const known: readonly Case[] = [
  ['UTC in brackets', of('Timestamp (UTC)'), half, inUtc],
  ['another zone is said', of('Timestamp (UTC)'), london, `${isSaid} "Timestamp (UTC)" says UTC`],
  ['UTC behind', of('start_utc'), london, `${isSaid} "start_utc" says UTC`],
  ['UTC in front', of('utc_timestamp'), london, `${isSaid} "utc_timestamp" says UTC`],
  ['closed up', of('TimestampUTC'), london, `${isSaid} "TimestampUTC" says UTC`],
  ['GMT', of('Time GMT'), london, `${isSaid} "Time GMT" says GMT`],
  ['Z', of('Time (Z)'), london, `${isSaid} "Time (Z)" says UTC`],
  ['UTC is said as well', of('Time (UTC)'), { ...half, zone: 'Etc/UTC' }, inUtc],
  ['a zone that never leaves UTC', of('GMT'), { ...half, zone: 'Atlantic/Reykjavik' }, inUtc],
  [
    'an offset',
    of('Time (UTC+1)'),
    half,
    'says UTC+1, which is not a zone name: set zone, such as Etc/GMT-1',
  ],
  ['an offset, and a zone is said', of('Time (UTC+1)'), london, inLondon],
  ['no word of a zone', of('Outcome'), london, inLondon],
  ['stamps with offsets', of('Time (UTC)').replace(/0,/g, '0+01:00,'), london, inLondon],
  ['above the header', `Zeitzone;UTC\n\n${local}`.replaceAll(',', ';'), half, inUtc],
  ['above, another is said', `Time zone: UTC\n\n${local}`, london, 'line 1 says UTC'],
  ['a place in brackets', of('Time Bucket (Europe/London)'), half, inLondon],
  ['a place, and another is said', of('Time (America/New_York)'), london, 'says America/New_York'],
  ['a place above', `Time zone,Europe/London\nSite,7\n\n${local}`, half, inLondon],
  ['below the header', `time,A\nUTC,kWh\n${rows}`, half, inUtc],
  ['below the header, GMT in brackets', `time,A\n(GMT),kWh\n${rows}`, half, inUtc],
  [
    'below, another is said',
    'Time,A,B\nGMT,kWh,kWh\n2024-07-15 00:00,0.5,0.25\n2024-07-15 00:30,0.5,0.25\n',
    { zone: 'America/New_York' },
    'The zone is set to America/New_York, and line 2 says GMT',
  ],
  ['local time below, and a zone is said', `time,A\nlocal time,kWh\n${rows}`, london, inLondon],
  ['an abbreviation above', `Timezone,CET\n\n${local}`, half, 'Line 1 says CET'],
  ['an abbreviation above, and a zone is said', `Timezone,BST\n\n${local}`, london, inLondon],
  [
    'a fixed offset',
    local,
    { ...half, zone: '+01:00' },
    'Where they never change, it is Etc/GMT-1',
  ],
  ['a fixed offset of UTC', local, { ...half, zone: 'UTC-3' }, 'it is Etc/GMT+3'],
  ['Etc/GMT-1', local, { ...half, zone: 'Etc/GMT-1' }, inLondon],
]

describe('the zone that a file says', () => cases(known))

const enrolled = { zoneOf: () => 'Europe/London' }

function starts(file: string, profile: Profile = half): string[] {
  const { readings } = readWithProfile(Buffer.from(file), profile, { enrolled })
  return readings.map(({ startMs }) => isoUtc(startMs).slice(5, 16))
}

test('UTC in the name of the stamp counts more than the zone of the meters', () => {
  expect(starts(of('time'))).toEqual(['07-04T23:00', '07-04T23:30'])
  expect(starts(of('Timestamp (UTC)'))).toEqual(['07-05T00:00', '07-05T00:30'])
  const said: Profile = { columns: { start: 'start_utc', meter: 'meter', value: 'kwh' } }
  expect(starts('meter,start_utc,kwh\nM,2024-07-05 00:00,1\nM,2024-07-05 00:30,1\n', said)).toEqual(
    [...['07-05T00:00', '07-05T00:30']],
  )
})

test('a cell alone is read in the zone that a line above the header said', () => {
  const file = `Time zone,Europe/London\nSite,7\n\n${local}`
  const { pinned } = readWithProfile(Buffer.from(file), half)
  const alone = readWithProfile(Buffer.from(local), { ...pinned.profile, headerRow: 1 })
  expect(isoUtc(alone.readings[0]!.startMs)).toMatch('2024-07-04T23:00')
})

describe('a column of offsets that is not read', () => {
  const file = (name: string) =>
    `meter,start,${name},kwh\nM,2024-07-05 00:00,+01:00,1\nM,2024-07-05 00:30,+01:00,2\n`
  cases([
    ...['utc_offset', 'Offset', 'Timezone', 'TZ'].map((name): Case => {
      return [
        name,
        file(name),
        {},
        `Column ${name} has the offset or the zone of the stamps, and is not read`,
      ]
    }),
    ['a zone is said', file('utc_offset'), { zone: 'Europe/London' }, inLondon],
    ['another column', file('serial'), {}, inUtc],
  ])
})

describe('an end of another clock than the start is not read', () => {
  const rows = (cells: (hour: number) => readonly number[]) =>
    [10, 11, 12].map((hour) => {
      const stamps = cells(hour).map((each) => `2024-07-15 ${each}:00`)
      return `${stamps.join(',')},1\n`
    })
  const berlin = { ...half, zone: 'Europe/Berlin' }
  test.each([
    ['start,start_utc,end', rows((hour) => [hour + 2, hour, hour + 3]), half],
    ['start,start_utc,end,end_utc', rows((hour) => [hour + 2, hour, hour + 3, hour + 1]), half],
    ['start,end,end_utc', rows((hour) => [hour + 2, hour + 3, hour + 1]), berlin],
    ['start,end_utc', rows((hour) => [hour + 2, hour + 1]), berlin],
    ['end_utc,start', rows((hour) => [hour + 1, hour + 2]), berlin],
  ])('%s', (names, lines, profile) => {
    const { readings, refusals } = read(`${names},A\n${lines.join('')}`, profile)
    expect(refusals).toEqual([])
    expect(readings.map(({ startMs, durationS }) => [startMs, durationS])).toEqual(
      [10, 11, 12].map((hour) => [Date.UTC(2024, 6, 15, hour), 3600]),
    )
  })
  test('unless both say their offsets', () => {
    const file = 'start,end_utc,A\n2024-07-15T12:00+02:00,2024-07-15T10:30Z,1\n'
    expect(read(file, half).readings).toMatchObject([{ durationS: 1800 }])
  })
})
