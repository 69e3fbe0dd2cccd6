import { expect, test } from 'vitest'
import { rejectReasons } from '../../schemas/reading.ts'
import { disturb } from './disturb.ts'
import { loadLondon } from './london.ts'
import { malformedKinds } from './malformed.ts'

const { slots } = loadLondon(20)
const week = slots.slice(0, 7 * 48)
const day3Ms = week[3 * 48]!.startMs
const calm = { slots: week, seed: 'a', shuffle: undefined, lateBeforeMs: day3Ms }
const heldBack = new Set<string>()

test('everything arrives, and the rest is what was injected', () => {
  const { deliveries, injected } = disturb({ ...calm, heldBack })
  const rows = week.reduce((sum, slot) => sum + slot.rows.length, 0)
  const lines = deliveries.reduce((sum, each) => sum + each.lines.length, 0)
  const { doubled, corrected, malformed } = injected
  expect(lines).toBe(rows + doubled + corrected + malformed)
  expect(injected.delayed).toBeGreaterThan(0)
  expect(injected.late).toBeGreaterThan(0)
})

test('the same seed is the same week, another seed is another', () => {
  expect(disturb({ ...calm, heldBack })).toEqual(disturb({ ...calm, heldBack }))
  expect(disturb({ ...calm, seed: 'b', heldBack })).not.toEqual(disturb({ ...calm, heldBack }))
})

test('shuffled is the same set, twice', () => {
  const plain = disturb({ ...calm, heldBack })
  const other = disturb({ ...calm, heldBack, shuffle: '7' })
  other.deliveries.forEach(({ lines }, index) => {
    const twice = [...plain.deliveries[index]!.lines, ...plain.deliveries[index]!.lines]
    expect([...lines].sort()).toEqual(twice.sort())
  })
})

test('a reading that is held back arrives an hour and a half later', () => {
  const { meter } = week[10]!.rows[0]!
  const { deliveries } = disturb({ ...calm, heldBack: new Set([`${meter}@${week[10]!.startMs}`]) })
  const line = JSON.stringify(week[10]!.rows[0])
  expect(deliveries[10]!.lines).not.toContain(line)
  expect(deliveries[13]!.lines).toContain(line)
})

test('every kind of malformed line but an oversized one is there', () => {
  expect(Object.keys(malformedKinds)).toEqual(rejectReasons.filter((each) => each !== 'too-large'))
})
