import { expect, test } from 'vitest'
import { isoUtc } from '../../../schemas/time.ts'
import type { Profile } from './profileShape.ts'
import { readWithProfile } from './readWithProfile.ts'

const register: Profile = { quantity: 'register', layout: 'wide', unit: 'kWh' }

test('registers are differenced, and the ends are kept for the next file', () => {
  const { readings, gaps, understood } = read(['100.0', '100.5', '100.5', '102'])
  // The first register opens: three differences of four.
  expect(
    readings.map(({ startMs, energyMwh }) => [isoUtc(startMs).slice(11, 16), energyMwh]),
  ).toEqual([
    ['00:00', 500_000n],
    ['00:30', 0n],
    ['01:00', 1_500_000n],
  ])
  expect(gaps).toMatchObject([{ line: 2, why: 'first-register' }])
  const { registers, sumMwh } = understood.series[0]!
  expect([registers?.first.valueMwh, registers?.last.valueMwh, sumMwh]).toEqual([
    ...[100_000_000n, 102_000_000n, 2_000_000n],
  ])
})

test('a gap keeps the total: its energy is known, its intervals are not', () => {
  const { readings, gaps } = read(['100', '101', null, null, '104.5', '105'])
  expect(readings.map(({ energyMwh }) => energyMwh)).toEqual([1_000_000n, 500_000n])
  const total = gaps.find(({ why }) => why === 'register-gap')?.total
  expect(total && [isoUtc(total.fromMs), isoUtc(total.toMs), total.energyMwh]).toEqual([
    ...['2024-01-01T00:30:00.000Z', '2024-01-01T02:00:00.000Z', 3_500_000n],
  ])
})

test('a register that falls is refused, unless it rolls over at the declared digits', () => {
  const values = ['99998', '99999.5', '0.5', '2']
  const fallen = read(values)
  expect(fallen.refusals).toMatchObject([{ line: 4, reason: 'out-of-range', value: '0.5 kWh' }])
  expect(fallen.refusals[0]?.detail).toContain('exchanged or reset')
  expect(fallen.readings).toHaveLength(2)
  const rolled = read(values, { register: { digits: 5 } })
  // 100,000 - 99,999.5 + 0.5.
  expect(rolled.readings.map(({ energyMwh }) => energyMwh)).toEqual([
    1_500_000n,
    1_000_000n,
    1_500_000n,
  ])
  // A fall from the middle is no rollover.
  expect(read(['50000', '20000'], { register: { digits: 5 } }).refusals).toHaveLength(1)
})

test('within its window a register may be reset', () => {
  const window = { from: '2024-01-01T00:50Z', to: '2024-01-01T01:10Z' }
  const { readings } = read(['700', '701', '0.25', '1'], { register: { reset: window } })
  expect(readings.map(({ energyMwh }) => energyMwh)).toEqual([1_000_000n, 250_000n, 750_000n])
  const other = { from: '2024-01-02T00:00Z', to: '2024-01-03T00:00Z' }
  expect(read(['700', '701', '0.25', '1'], { register: { reset: other } }).refusals).toHaveLength(1)
})

test('registers in any order of rows, and one of them twice', () => {
  const file =
    'start,A\n2024-01-01T01:00Z,3\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,2\n2024-01-01T00:30Z,2\n'
  const { readings, gaps } = readText(file, {})
  expect(
    readings.map(({ startMs, energyMwh }) => [isoUtc(startMs).slice(11, 16), energyMwh]),
  ).toEqual([
    ['00:30', 1_000_000n],
    ['00:00', 1_000_000n],
  ])
  expect(gaps.map(({ why }) => why).sort()).toEqual(['first-register', 'repeated-register'])
  const two = readText(file.replace('00:30Z,2\n2024', '00:30Z,2.5\n2024'), {})
  expect(two.refusals).toMatchObject([{ detail: expect.stringContaining('has another register') }])
})

test('power is no register', () => {
  expect(() => read(['1', '2'], { unit: 'kW' })).toThrow('The quantity is said to be register, and')
})

function read(values: readonly (string | null)[], more: Profile = {}) {
  const rows = values.flatMap((value, at) => {
    const stamp = isoUtc(Date.UTC(2024, 0, 1) + at * 1_800_000).replace(':00.000Z', 'Z')
    return value === null ? [] : [`${stamp},${value}`]
  })
  return readText(`start,A\n${rows.join('\n')}\n`, more)
}

function readText(file: string, more: Profile) {
  const outcome = readWithProfile(new TextEncoder().encode(file), { ...register, ...more })
  const { readings, refusals, gaps, cells } = outcome
  expect(readings.length + refusals.length + gaps.length).toBe(cells)
  return outcome
}
