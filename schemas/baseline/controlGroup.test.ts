import { expect, test } from 'vitest'
import { MeterGapError } from '../errors/baseline.ts'
import { addDays, type EpochMs, localDayNamed, localToEpochMs } from '../time.ts'
import { type EnergyMwh, energyMwh } from '../units.ts'
import { computeControlBaseline } from './controlGroup.ts'

const zone = 'Europe/London'
const startMs = localToEpochMs('2013-02-11T17:00', zone)
const event = { startMs, endMs: startMs + 3_600_000 }
const none: ReadonlySet<string> = new Set()

test('neighbours, scaled by what both used on like days', () => {
  // Reference: participants 300 + 100, controls 500 + 300 each slot: scale 400/800 = 1/2.
  // On the day the controls use 600 + 400 = 1000: baseline 500; participants used 350.
  const participants = [site(300, 250), site(100, 100)]
  const controls = [site(500, 600), site(300, 400)]
  const { intervals, days, scale, flags } = compute(participants, controls)
  expect(scale.numerator * 2n).toBe(scale.denominator)
  expect(intervals).toEqual([
    { startMs, baselineMwh: 500, meteredMwh: 350 },
    { startMs: startMs + 1_800_000, baselineMwh: 500, meteredMwh: 350 },
  ])
  expect(days).toHaveLength(10)
  expect(flags).toEqual([])
})

test('a site that misses one reading is left out of every sum', () => {
  const gap = site(900, 900)
  gap.delete(localToEpochMs('2013-02-08T17:30', zone))
  const result = compute([site(300, 250), gap, site(100, 100)], [site(500, 600), site(300, 400)])
  expect(result.participants).toEqual([0, 2])
  expect(result.flags).toEqual(['participants-left-out:1'])
  expect(result.intervals[0]).toMatchObject({ baselineMwh: 500, meteredMwh: 350 })
})

test('a day that most sites miss is not a reference', () => {
  const sites = [site(300, 300), site(100, 100), site(400, 400)]
  for (const each of sites.slice(0, 2)) each.delete(localToEpochMs('2013-02-08T17:30', zone))
  const { days, participants } = compute(sites.slice(0, 2), sites.slice(2))
  expect(days).not.toContain('2013-02-08')
  expect(participants).toEqual([0, 1])
})

test('with meters that can be negative the mean is shifted, not scaled', () => {
  // Usual flow -300 and 100, so -200; the controls usually -500 and 480: a ratio would be 10.
  // On the day the controls are -440 and 500, both together 80 more: so are two participants.
  const participants = [site(-300, -330), site(100, 100)]
  const controls = [site(-500, -440), site(480, 500)]
  const { intervals, scale } = compute(participants, controls, true)
  expect(scale).toEqual({ numerator: 2n, denominator: 2n })
  expect(intervals[0]).toEqual({ startMs, baselineMwh: -120, meteredMwh: -230 })
  // One participant beside both controls: half of 80 above -300, which is -260.
  expect(compute(participants.slice(0, 1), controls, true).intervals[0]!.baselineMwh).toBe(-260)
})

test('the shift is rounded once, half to even, on either side of zero', () => {
  // 3 controls, 1 more in all: a third of it for one participant; with 3 more of 2 controls, 1.5.
  const third = [site(-9, -8), site(0, 0), site(5, 5)]
  expect(compute([site(-7, 0)], third, true).intervals[0]!.baselineMwh).toBe(-7)
  const half = [site(-9, -8), site(0, 2)]
  expect(compute([site(-7, 0)], half, true).intervals[0]!.baselineMwh).toBe(-6) // -5.5
  expect(compute([site(-8, 0)], half, true).intervals[0]!.baselineMwh).toBe(-6) // -6.5
})

test('without controls there is no baseline', () => {
  expect(() => compute([site(1, 1)], [])).toThrow(MeterGapError)
  expect(() => compute([site(1, 1)], [], true)).toThrow(MeterGapError)
  expect(() => compute([], [site(1, 1)])).toThrow(MeterGapError)
  expect(() => compute([site(1, 1)], [site(0, 1)])).toThrow(MeterGapError)
})

function compute(
  participants: readonly ReadonlyMap<EpochMs, EnergyMwh>[],
  controls: readonly ReadonlyMap<EpochMs, EnergyMwh>[],
  mayBeNegative = false,
) {
  const common = { zone, event, stepS: 1800, excludedDates: none, holidays: none }
  return computeControlBaseline({ ...common, participants, controls, mayBeNegative })
}

/** Both slots of the event's hours, on thirty days before and on the day itself. */
function site(usual: number, onTheDay: number): Map<EpochMs, EnergyMwh> {
  const readings = new Map<EpochMs, EnergyMwh>()
  let day = localDayNamed('2013-01-12', zone)
  for (; day.date <= '2013-02-11'; day = addDays(day, 1, zone)) {
    const mwh = energyMwh(day.date === '2013-02-11' ? onTheDay : usual)
    for (const clock of ['17:00', '17:30']) {
      readings.set(localToEpochMs(`${day.date}T${clock}`, zone), mwh)
    }
  }
  return readings
}
