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

const reset = { from: '2024-01-01T00:50Z', to: '2024-01-01T01:10Z' }
/** Starts with kWh, and the words of the gaps behind the first register. */
function energies(values: readonly string[], more: Profile) {
  const { readings, gaps, refusals } = read(values, more)
  expect(refusals).toEqual([])
  const said = readings.map(({ startMs, energyMwh }) => {
    return `${isoUtc(startMs).slice(11, 16)} ${Number(energyMwh) / 1e6}`
  })
  const words = gaps.slice(1).map(({ line, why, total }) => {
    expect(total).toBeNull()
    return `line ${line} ${why}`
  })
  return [...said, ...words]
}

const exchanges: readonly (readonly [string, string[], string[]])[] = [
  // What either meter counted from 00:30 to 01:00 is not known.
  [
    'falls in one interval',
    ['700', '701', '0.25', '1'],
    ['00:00 1', '01:00 0.75', 'line 4 meter-exchange'],
  ],
  // The window overlaps two intervals, and in each may be the exchange to a meter that shows more.
  [
    'shows more',
    ['700', '701', '750', '751', '753'],
    ['00:00 1', '01:30 2', 'line 4 meter-exchange', 'line 5 meter-exchange'],
  ],
  // A fall that is the end of a spike is not taken for the exchange.
  [
    'a spike in it',
    ['700', '701', '990', '702', '703'],
    ['00:00 1', '01:30 1', 'line 4 meter-exchange', 'line 5 meter-exchange'],
  ],
  [
    'a dip in it',
    ['700', '701', '0', '702', '703'],
    ['00:00 1', '01:30 1', 'line 4 meter-exchange', 'line 5 meter-exchange'],
  ],
]

test.each(exchanges)('an exchange interval is missing: %s', (_, values, expected) => {
  expect(energies(values, { register: { reset } })).toEqual(expected)
})

test('an exchange interval is the sum of both parts where end and start are said', () => {
  const parts = { ...reset, end: '701.5', start: '0.1' }
  // 701.5 - 701 + 0.25 - 0.1.
  expect(energies(['700', '701', '0.25', '1'], { register: { reset: parts } })).toEqual([
    ...['00:00 1', '00:30 0.65', '01:00 0.75'],
  ])
  // A new meter that shows more: 0.5 + 0.5; before 750 the old one cannot have gone at 701.5.
  const more = { ...reset, end: '701.5', start: '749.5' }
  const sums = ['00:00 1', '00:30 1', '01:00 1']
  expect(energies(['700', '701', '750', '751'], { register: { reset: more } })).toEqual(sums)
  // Fed in: the same with the other sign.
  const fedIn = energies(['-700', '-701', '-750', '-751'], { register: { reset: [more] } })
  expect(fedIn).toEqual(sums.map((each) => each.replace(' ', ' -')))
  // What is said does not fit to the registers, or is one half only.
  for (const wrong of [{ end: '600' }, { start: '800' }, { end: undefined }]) {
    expect(
      energies(['700', '701', '0.25', '1'], { register: { reset: { ...parts, ...wrong } } }),
    ).toEqual(['00:00 1', '01:00 0.75', 'line 4 meter-exchange'])
  }
})

test('a window is of its time and meter only', () => {
  const other = { from: '2024-01-02T00:00Z', to: '2024-01-03T00:00Z' }
  expect(read(['700', '701', '0.25', '1'], { register: { reset: other } }).refusals).toHaveLength(1)
  const ofB = { ...reset, meter: 'B' }
  expect(read(['700', '701', '0.25', '1'], { register: { reset: ofB } }).refusals).toHaveLength(1)
  expect(read(['1', '2', '3'], { register: { reset: ofB } }).readings).toHaveLength(2)
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
})

test('of two registers for an instant the later line counts, on both sides of it', () => {
  const file =
    'start,A\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,2\n' +
    '2024-01-01T01:00Z,4\n2024-01-01T00:30Z,2.5\n'
  const { readings, gaps, refusals, understood } = readText(file, {})
  const { sumMwh } = understood.series[0]!
  // 2.5 - 1 and 4 - 2.5: together what the first and the last register say.
  expect(readings.map(({ line, energyMwh }) => [line, energyMwh])).toEqual([
    [4, 1_500_000n],
    [5, 1_500_000n],
  ])
  expect([refusals.length, gaps.length, sumMwh]).toEqual([0, 2, 3_000_000n])
  expect(understood.conflicts).toMatchObject([
    { lines: [3, 5], energiesMwh: [2_000_000n, 2_500_000n] },
  ])
})

const faults: readonly (readonly [string, readonly string[], readonly number[], string[]])[] = [
  ['zero once', ['10', '11', '0', '12', '13'], [4], ['00:00 1', '01:30 1', 'total 1']],
  ['too high once', ['10', '11', '990', '12', '13'], [4], ['00:00 1', '01:30 1', 'total 1']],
  ['too high at the end', ['10', '11', '990', '12'], [4], ['00:00 1', 'total 1']],
  [
    'too high twice',
    ['10', '11', '990', '991', '13', '14'],
    [4, 5],
    ['00:00 1', '02:00 1', 'total 2'],
  ],
  ['exchanged', ['810', '811', '0', '2', '3'], [4], ['00:00 1', '01:00 2', '01:30 1']],
  ['lower at the end', ['10', '11', '0'], [4], ['00:00 1']],
]

test.each(faults)(
  'one wrong register costs its own intervals: %s',
  (_, values, lines, expected) => {
    const { readings, refusals, gaps } = read(values)
    expect(refusals.map(({ line }) => line)).toEqual(lines)
    const energies = readings.map(({ startMs, energyMwh }) => {
      return `${isoUtc(startMs).slice(11, 16)} ${energyMwh / 1_000_000n}`
    })
    const totals = gaps.flatMap(({ total }) =>
      total ? `total ${total.energyMwh / 1_000_000n}` : [],
    )
    expect([...energies, ...totals]).toEqual(expected)
  },
)

test('power is no register', () => {
  expect(() => read(['1', '2'], { unit: 'kW' })).toThrow('The quantity is set to register, and')
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
