import { describe, expect, test } from 'vitest'
import { isoUtc } from '../../../schemas/time.ts'
import { profileNamed } from './builtInProfiles.ts'
import type { Profile } from './profileShape.ts'
import { read } from './testing/cases.ts'

const atEnd: Profile = {
  ...({ quantity: 'register', layout: 'wide', unit: 'kWh', zone: 'UTC' } as const),
  ...{ step: 3600, register: { at: 'end' } },
}

/** Stamps every so many minutes, of a register that rises by 1. */
const every = (minutes: number, rows: number, fromMs = Date.UTC(2024, 0, 15)) =>
  Array.from({ length: rows }, (_, at) => {
    return `${isoUtc(fromMs + at * minutes * 60_000).slice(0, 16)}Z,${100 + at}\n`
  })
const fileOf = (rows: readonly string[]) => `time,A\n${rows.join('')}`
const spans = (file: string, profile: Profile) =>
  read(file, profile).readings.map(({ startMs, durationS }) => [
    ...[isoUtc(startMs).slice(5, 16), durationS],
  ])

describe('registers at the end of the step that their stamp begins', () => {
  test('are of the step that the stamps are apart', () => {
    expect(spans(fileOf(every(60, 3)), atEnd)).toEqual([
      ...[['01-15T01:00', 3600] as const, ['01-15T02:00', 3600] as const],
    ])
    expect(spans(fileOf(every(30, 3)), { ...atEnd, step: 1800 })).toEqual([
      ...[['01-15T00:30', 1800] as const, ['01-15T01:00', 1800] as const],
    ])
  })

  test.each([5, 30, 120, 1440])('of another step are refused: %d minutes', (minutes) => {
    const found = `The step is set to 3600 s, and the stamps are ${minutes * 60} s apart`
    expect(() => read(fileOf(every(minutes, 4)), atEnd)).toThrow(found)
  })

  test.each([5, 1440])('of another step are none of hass: %d minutes', (minutes) => {
    const rows = every(minutes, 4).map((row) => `sensor.a,kWh,${row}`)
    const file = `statistic_id,unit,start,sum\n${rows.join('')}`
    const hass = { ...profileNamed('hass'), zone: 'UTC' }
    expect(() => read(file, hass)).toThrow(`set to 3600 s, and the stamps are ${minutes * 60} s`)
  })

  test('of another step beside a series of the right one are refused row by row', () => {
    const long = [60, 1440].flatMap((each) => every(each, 4).map((row) => `M${each},${row}`))
    const profile: Profile = { ...atEnd, layout: 'tidy' }
    const { readings, refusals } = read(`meter,time,kWh\n${long.join('')}`, profile)
    expect(new Set(readings.map(({ meter }) => meter))).toEqual(new Set(['M60']))
    const detail = expect.stringContaining('set to 3600 s, and the stamps are 86400 s apart')
    expect(refusals).toMatchObject([6, 7, 8, 9].map((line) => ({ line, detail })))
  })

  test('behind those of the step, a run of another one is refused', () => {
    const rows = [...every(60, 6), ...every(1440, 5, Date.UTC(2024, 0, 16))]
    const { readings, refusals } = read(fileOf(rows), atEnd)
    expect(readings.every(({ startMs }) => startMs < Date.UTC(2024, 0, 16))).toBe(true)
    const detail = expect.stringContaining('is 86400 s long, and the step of its series 3600 s')
    expect(refusals).toMatchObject([8, 9, 10, 11, 12].map((line) => ({ line, detail })))
  })

  test('of local days are at their ends', () => {
    const days = ['03-29', '03-30', '03-31', '04-01'].map((day, at) => `2024-${day} 00:00,${at}\n`)
    const found = spans(fileOf(days), { ...atEnd, zone: 'Europe/Berlin', step: 86_400 })
    expect(found).toEqual([
      ...[['03-29T23:00', 86_400] as const, ['03-30T23:00', 82_800] as const],
      ...[['03-31T22:00', 86_400] as const],
    ])
  })

  test.each([
    ['said', fileOf(every(60, 3)), { stamp: 'end' }],
    ['by their name', fileOf(every(60, 3)).replace('time', 'End'), {}],
  ] as const)('are of no stamps that are ends: %s', (_, file, more) => {
    expect(() => read(file, { ...atEnd, ...more })).toThrow(
      'The register.at is set to end, and the stamps are ends, at which their registers are.',
    )
  })
})
