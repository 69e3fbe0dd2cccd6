import { expect, test } from 'vitest'
import { type RejectReason, rejectReasons } from '../../schemas/reading/reading.ts'
import { type Delivery, disturb } from './disturb.ts'
import { loadLondon } from './london.ts'
import { malformedKinds } from './malformed.ts'

const { slots } = loadLondon(20)
const week = slots.slice(0, 7 * 48)
const day3Ms = week[3 * 48]!.startMs
const countedMs = [week[2 * 48]!.startMs, week[100]!.startMs, week[103]!.startMs]
const calm = { slots: week, seed: 'a', shuffle: undefined, lateBeforeMs: day3Ms, countedMs }
const heldBack = new Set<string>()

test('every reading arrives, and the rest is what was injected', () => {
  const { deliveries, injected } = disturb({ ...calm, heldBack })
  const rows = week.reduce((sum, slot) => sum + slot.rows.length, 0)
  const lines = deliveries.reduce((sum, each) => sum + each.lines.length, 0)
  const { doubled, corrected, malformed } = injected
  expect(lines).toBe(rows + doubled + corrected + malformed)
  expect(injected.delayed).toBeGreaterThan(0)
  expect(injected.late).toBeGreaterThan(0)
})

test('the same seed gives the same week, another seed another one', () => {
  expect(disturb({ ...calm, heldBack })).toEqual(disturb({ ...calm, heldBack }))
  expect(disturb({ ...calm, seed: 'b', heldBack })).not.toEqual(disturb({ ...calm, heldBack }))
})

const plain = disturb({ ...calm, heldBack })
const other = disturb({ ...calm, heldBack, shuffle: '7' })

test('a shuffled set is the same set twice, and is counted so', () => {
  const lines = plain.deliveries.flatMap((each) => each.lines)
  const otherLines = other.deliveries.flatMap((each) => each.lines)
  expect([...otherLines].sort()).toEqual([...lines, ...lines].sort())
  const { sent, doubled, malformed } = plain.injected
  expect(other.injected).toEqual({
    ...plain.injected,
    sent: 2 * sent,
    // Each good line a second time.
    doubled: doubled + sent - malformed,
    malformed: 2 * malformed,
  })
})

test('shuffling delays a fifth of the lines, by three half-hours at most', () => {
  const moved = movesOf(plain.deliveries, other.deliveries)
  expect([...new Set(moved)].sort()).toEqual([0, 1, 2, 3])
  const share = moved.filter((each) => each > 0).length / moved.length
  expect(share).toBeCloseTo(0.2, 1)
})

test('what has arrived at a counted moment is the same in any order', () => {
  for (const ms of countedMs) {
    const before = ({ startMs }: Delivery) => startMs < ms
    const sets = [plain, other].map(({ deliveries }) => {
      return new Set(deliveries.filter(before).flatMap((each) => each.lines))
    })
    expect(sets[1]).toEqual(sets[0])
  }
})

test('a delayed reading arrives an hour and a half later', () => {
  const { meter } = week[10]!.rows[0]!
  const { deliveries } = disturb({ ...calm, heldBack: new Set([`${meter}@${week[10]!.startMs}`]) })
  const line = JSON.stringify(week[10]!.rows[0])
  expect(deliveries[10]!.lines).not.toContain(line)
  expect(deliveries[13]!.lines).toContain(line)
})

test('every kind of malformed line occurs, but an oversized one and another interval', () => {
  const others: readonly RejectReason[] = [
    ...['too-large', 'wrong-interval', 'mixed-said-at', 'withdrawn-ingest'],
  ] as const
  const kinds = rejectReasons.filter((each) => !others.includes(each))
  expect(Object.keys(malformedKinds).sort()).toEqual([...kinds].sort())
})

/** For each line that occurs once: by how many deliveries it is later in `after`. */
function movesOf(before: readonly Delivery[], after: readonly Delivery[]): number[] {
  const slotsIn = (deliveries: readonly Delivery[]) => {
    const slots = new Map<string, number[]>()
    deliveries.forEach(({ lines }, slot) => {
      for (const line of lines) slots.set(line, [...(slots.get(line) ?? []), slot])
    })
    return slots
  }
  const later = slotsIn(after)
  return [...slotsIn(before)].flatMap(([line, [slot, ...more]]) => {
    return more.length > 0 ? [] : [later.get(line)![0]! - slot!]
  })
}
