import { expect, test } from 'vitest'
import {
  addPart,
  addSite,
  emptyGroupSum,
  finishGroup,
  type MemberRow,
  partOfMember,
} from './sumGroup.ts'

const at = { group: 'G', startMs: 0, durationS: 1800 }
const interval = { startMs: 0, stepS: 1800 }

test('members with a reading and a baseline are added up', () => {
  // 900,000 mWh in half an hour are 1,800 W, 250 W less than expected; 200 W, 50 W more.
  const sum = sumOf([
    [row(900_000, -250)],
    [row(100_000, 50)],
    // Without a baseline it is not among the members.
    [row(700_000, null)],
  ])
  expect(sum).toEqual({ ...at, members: 2, loadW: 2_000, baselineW: 2_200, deviationW: -200 })
})

test('members that feed in are subtracted, down to a group that feeds in', () => {
  // In half an hour 100,000 mWh are 200 W taken, 50 W more; 450,000 are 900 W fed in, 100 W less.
  const sum = sumOf([[row(100_000, 50)], [row(-450_000, 100)]])
  expect(sum).toEqual({ ...at, members: 2, loadW: -700, baselineW: -850, deviationW: 150 })
})

test('many sums of sums in any order are one sum', () => {
  // Thirds, whose floating-point sums would differ with the order.
  const parts = Array.from({ length: 300 }, (_, index) => {
    const rowAt = () => row(100_003 * index - 7, ((index * 7919) % 1000) / 3 - 150)
    return partOfMember({ ...interval, intervalS: 1800, rowAt })!
  })
  const add = (order: readonly number[]) => {
    const sum = emptyGroupSum()
    for (const index of order) addPart(sum, parts[index]!)
    return sum
  }
  const order = parts.map((_, index) => index)
  const sum = add(order)
  expect(add(order.toReversed())).toEqual(sum)
  expect(add(order.map((index) => (index * 7) % 300))).toEqual(sum)
  expect(Number.isInteger(sum.withBoth.deviationMw)).toBe(true)
})

test('while no member has a baseline a group is its load; without a reading it is null', () => {
  const sum = sumOf([[row(100_000, null)], [row(50_000, null)]])
  expect(sum).toEqual({ ...at, members: 2, loadW: 300, baselineW: null, deviationW: null })
  expect(sumOf([])).toBeNull()
})

test('shorter intervals are averaged, and count when all of them are there', () => {
  const quarter = (energyMwh: number, deviationW: number) => row(energyMwh, deviationW, 900)
  // 1,000 W, and 200 W and 0 W on average 100 W; 100 W off, and 30 W and 10 W on average 20 W.
  const sum = sumOf([
    [row(500_000, 100)],
    [quarter(50_000, 30), quarter(0, 10)],
    [quarter(9_000, 7)],
    // Read as half an hour, by a meter of quarters.
    [row(9_000, 7), quarter(0, 0)],
  ])
  expect(sum).toMatchObject({ members: 2, loadW: 1_100, deviationW: 120 })
})

test('a member whose interval does not divide the group is left out', () => {
  const sum = emptyGroupSum()
  const rowAt = () => row(1, 1, 700)
  const part = partOfMember({ ...interval, intervalS: 700, rowAt })
  expect(addSite(sum, [{ sign: 1 }], () => part)).toBe(false)
  expect(finishGroup(at, sum)).toBeNull()
})

test('the meters of a site are one member: their signed sum, or nothing if one is missing', () => {
  // 1,000 W taken, 200 W more than expected; 300 W fed in, 50 W more than expected.
  const known = [
    { energyMwh: 500_000, deviationMw: 200_000 },
    { energyMwh: 150_000, deviationMw: 50_000 },
  ]
  const terms = [{ sign: 1 as const }, { sign: -1 as const }]
  const sum = emptyGroupSum()
  expect(addSite(sum, terms, (term) => known[terms.indexOf(term)])).toBe(true)
  expect(addSite(sum, terms, (term) => [known[0]][terms.indexOf(term)])).toBe(false)
  expect(addSite(sum, [], () => known[0])).toBe(false)
  expect(finishGroup(at, sum)).toMatchObject({ members: 1, loadW: 700, deviationW: 150 })
})

test('a site of which one meter has no baseline has none', () => {
  const known = [
    { energyMwh: 500_000, deviationMw: 200_000 },
    { energyMwh: 150_000, deviationMw: Number.NaN },
  ]
  const terms = [{ sign: 1 as const }, { sign: -1 as const }]
  const sum = emptyGroupSum()
  addSite(sum, terms, (term) => known[terms.indexOf(term)])
  expect(finishGroup(at, sum)).toMatchObject({ members: 1, loadW: 700, baselineW: null })
})

/** The rows of each member, whose interval is the last one's. */
function sumOf(members: readonly (readonly MemberRow[])[]) {
  const sum = emptyGroupSum()
  for (const rows of members) {
    const intervalS = rows.at(-1)!.durationS
    const rowAt = (ms: number) => rows[ms / (intervalS * 1000)]
    const part = partOfMember({ ...interval, intervalS, rowAt })
    addSite(sum, [{ sign: 1 }], () => part)
  }
  return finishGroup(at, sum)
}

function row(energyMwh: number, deviationW: number | null, durationS = 1800): MemberRow {
  return { energyMwh, deviationW, durationS }
}
