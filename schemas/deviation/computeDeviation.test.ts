import { expect, test } from 'vitest'
import { gridOfDay, slotStartMs } from '../meter/grid.ts'
import { firstStep } from '../meter/step.ts'
import { localDayNamed } from '../time.ts'
import { computeDeviation } from './computeDeviation.ts'
import { createDayState, type DayState } from './dayState.ts'
import { deviationDefaults } from './options.ts'

const hour = 3_600
// Half-life of one hour and hourly slots: every slot back weighs half.
const options = { ...deviationDefaults, alpha: 0.5, ratioHalfLifeS: hour, bandWh: 100 }
const day = localDayNamed('2013-02-11', 'Europe/London')

test('ratio, deviation, z and rolling sum, by hand', () => {
  const state = dayOf({ baselineWh: [1000, 1000, 1000], sigmaW: 50 })
  const [a, b, c] = [1100, 900, 1000].map((wh, slot) => advance(state, slot, wh))
  // Slot 0: nothing before, r = 1:        1100 - 1 * 1000 = 100;  z = 100 / 50 = 2
  expect(a).toEqual({ ratio: 1, deviationW: 100, z: 2, rollingWh: 100 })
  // mean .5 * 100 = 50; variance .5 * (2500 + .5 * 10000) = 3750
  // Slot 1: r = 1100 / 1000 = 1.1:        900 - 1100 = -200;  z = (-200 - 50) / √3750 = -4.0825
  expect(b!.ratio).toBeCloseTo(1.1, 6)
  expect(b!.deviationW).toBeCloseTo(-200, 3)
  expect(b!.z).toBeCloseTo(-250 / Math.sqrt(3750), 5)
  // Slot 2: r = (.5 * 1100 + 900) / (.5 * 1000 + 1000) = 1450 / 1500
  expect(c!.ratio).toBeCloseTo(1450 / 1500, 6)
  expect(c!.rollingWh).toBeCloseTo(1000 - (1450 / 1500) * 1000, 3)
})

test('the ratio stays within its clip', () => {
  const state = dayOf({ baselineWh: [1000, 1000, 1000], sigmaW: 50 })
  expect([3000, 0, 0].map((wh, slot) => advance(state, slot, wh).ratio)).toEqual([
    1,
    Math.fround(1.2), // 3000 / 1000
    Math.fround(1), //   (.5 * 3000 + 0) / (.5 * 1000 + 1000)
  ])
})

test('half-hours: the rolling sum is that of the last two', () => {
  const state = dayOf({ baselineWh: [500, 500, 500], sigmaW: 0, stepS: 1800 })
  const rows = [600, 600, 600].map((wh, slot) => advance(state, slot, wh))
  // r: 1, 1.2, 1.2; deviation 1200 - 1000 = 200 W, then 1200 - 1.2 * 1000 = 0
  expect(rows.map(({ rollingWh }) => Math.round(rollingWh))).toEqual([100, 100, 0])
  // No spread in the baseline: z is undefined until there is a variance.
  expect(rows[0]!.z).toBeNaN()
})

test('of an interval longer than an hour the rolling sum has one hour', () => {
  const state = dayOf({ baselineWh: [2000], sigmaW: 50, stepS: 7200 })
  // 2200 Wh in two hours are 1100 W, 100 W more than the baseline: 100 Wh an hour.
  expect(advance(state, 0, 2200)).toMatchObject({ deviationW: 100, rollingWh: 100 })
})

test('a correction that cannot be compared clears what the slot had', () => {
  const state = dayOf({ baselineWh: [1000, 1000], sigmaW: 50 })
  expect(advance(state, 0, 1100)).toMatchObject({ deviationW: 100, z: 2, rollingWh: 100 })
  const cleared = advance(state, 0, { wh: 1100, durationS: 900 })
  expect(Object.values(cleared)).toEqual(new Array(4).fill(Number.NaN))
})

test('a slot without a reading or a baseline changes only the weights', () => {
  const state = dayOf({ baselineWh: [1000, Number.NaN, 1000, 1000], sigmaW: 50 })
  advance(state, 0, 1100)
  expect(advance(state, 1, 5000)).toEqual({
    ratio: Number.NaN,
    deviationW: Number.NaN,
    z: Number.NaN,
    rollingWh: Number.NaN,
  })
  // Slot 3 right away: r = (1100 / 8) / (1000 / 8) = 1.1
  expect(advance(state, 3, 1000).ratio).toBeCloseTo(1.1, 6)
})

test('a reading of another length is not compared and does not affect the next one', () => {
  const state = dayOf({ baselineWh: [1000, 1000, 1000], sigmaW: 50 })
  advance(state, 0, 1100)
  const { ratio, ...odd } = advance(state, 1, { wh: 5000, durationS: 900 })
  expect([ratio, ...Object.values(odd)]).toEqual(new Array(4).fill(Number.NaN))
  expect(advance(state, 2, 1000).ratio).toBeCloseTo(1.1, 6)
})

test('a point that can be negative has a shift, by hand, and no ratio', () => {
  const state = dayOf({ baselineWh: [1000, -1000, -500, 0], sigmaW: 50 })
  const [a, b, c, d] = [1100, -900, -800, 10].map((wh, slot) => advance(state, slot, signed(wh)))
  // Slot 0: nothing before, s = 0:  1100 - 1000 = 100
  expect(a).toMatchObject({ ratio: Number.NaN, deviationW: 100, z: 2, rollingWh: 100 })
  // Slot 1: s = .5 * 100 / .5 = 100, within .2 * .5 * 1000 / .5 = 200:  -900 - (-1000 + 100) = 0
  expect(b!.deviationW).toBeCloseTo(0, 6)
  // Slot 2: weights .25 and .5; s = (.25 * 100 + .5 * 100) / .75 = 100:  -800 - (-500 + 100) = -400
  expect(c!.deviationW).toBeCloseTo(-400, 4)
  // Slot 3: weights .125, .25, .5; s = (12.5 + 25 - 150) / .875, clipped to
  // -.2 * (125 + 250 + 250) / .875 = -125 / .875 is not reached: -112.5 / .875 = -128.571
  expect(d!.deviationW).toBeCloseTo(10 + 112.5 / 0.875, 3)
})

test('the shift stays within its share of the baseline, either way', () => {
  for (const sign of [1, -1]) {
    const state = dayOf({ baselineWh: [-1000, 400], sigmaW: 50 })
    advance(state, 0, signed(sign * 9000))
    // .2 * .5 * 1000 / .5 = 200 W.
    expect(advance(state, 1, signed(400)).deviationW).toBeCloseTo(-sign * 200, 3)
  }
})

test('a mirrored series has the mirrored deviations, to the bit', () => {
  const wh = Array.from({ length: 24 }, (_, slot) => ((slot * 7919) % 3001) - 1500)
  const base = Array.from({ length: 24 }, (_, slot) => ((slot * 104_729) % 2001) - 1000)
  const deviations = [1, -1].map((sign) => {
    const state = dayOf({ baselineWh: base.map((each) => sign * each), sigmaW: 50 })
    return wh.map((each, slot) => sign * advance(state, slot, signed(sign * each)).deviationW)
  })
  expect(deviations[0]!.some((each) => each < 0)).toBe(true)
  expect(deviations[1]).toEqual(deviations[0])
})

test('a late reading gives the same bytes as one in time', () => {
  const baselineWh = Array.from({ length: 24 }, (_, slot) => 400 + 37 * slot)
  const inTime = dayOf({ baselineWh, sigmaW: 50 })
  const late = dayOf({ baselineWh, sigmaW: 50 })
  const load = (slot: number) => 300 + ((slot * 131) % 400)
  for (let slot = 0; slot < 24; slot++) advance(inTime, slot, load(slot))
  for (let slot = 0; slot < 24; slot++) if (slot !== 5) advance(late, slot, load(slot))
  expect(late.columns).not.toEqual(inTime.columns)
  advance(late, 5, load(5))
  expect(late.columns).toEqual(inTime.columns)
})

test.each([
  ['2013-03-31', 46],
  ['2013-02-11', 48],
  ['2013-10-27', 50],
])('%s in London has %d half-hours', (date, slots) => {
  const local = localDayNamed(date, 'Europe/London')
  const state = createDayState(gridOfDay(firstStep(1800), local), 1)
  expect(state.slots).toBe(slots)
  expect(slotStartMs(state, 0)).toBe(local.startMs)
  expect(slotStartMs(state, slots)).toBe(local.endMs)
})

type DayOf = { baselineWh: number[]; sigmaW: number; stepS?: number }

function dayOf({ baselineWh, sigmaW, stepS = hour }: DayOf): DayState {
  const state = createDayState(gridOfDay(firstStep(stepS), day), 1)
  baselineWh.forEach((wh, slot) => {
    state.columns.baselineMwh[slot] = wh * 1000
    state.columns.sigmaW[slot] = sigmaW
  })
  return state
}

type Used =
  | number
  | { readonly wh: number; readonly durationS?: number; readonly mayBeNegative?: boolean }

const signed = (wh: number) => ({ wh, mayBeNegative: true })

function advance(state: DayState, slot: number, used: Used) {
  const given = typeof used === 'number' ? { wh: used } : used
  const { wh, durationS = state.stepS, mayBeNegative = false } = given
  const before = state.lastSlot[0]!
  state.columns.energyMwh[slot] = wh * 1000
  state.columns.durationS[slot] = durationS
  state.lastSlot[0] = Math.max(before, slot)
  const fromSlot = Math.min(slot, before + 1)
  computeDeviation(state, options, { meter: 0, fromSlot, mayBeNegative })
  const { ratio, deviationW, z, rollingWh } = state.columns
  return {
    ratio: ratio[slot]!,
    deviationW: deviationW[slot]!,
    z: z[slot]!,
    rollingWh: rollingWh[slot]!,
  }
}
