import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planFaults, victims } from './planFaults.ts'

const draws = fc.record({
  seed: fc.string(),
  count: fc.integer({ min: victims.length, max: 90 }),
  overMs: fc.integer({ min: 1_000, max: 600_000 }),
})

test('every process is hit; with two faults for each, killed and paused', () => {
  fc.assert(
    fc.property(draws, (drawn) => {
      const plan = planFaults(drawn)
      expect(plan).toHaveLength(drawn.count)
      expect(new Set(plan.map(({ victim }) => victim))).toEqual(new Set(victims))
      if (drawn.count < 2 * victims.length) return
      const both = new Set(plan.map(({ victim, kind }) => `${kind} ${victim}`))
      expect(both.size).toBe(2 * victims.length)
    }),
  )
})

test('in order of time, within the time, and pauses only of what is paused', () => {
  fc.assert(
    fc.property(draws, (drawn) => {
      const plan = planFaults(drawn)
      const times = plan.map(({ atMs }) => atMs)
      expect(times).toEqual([...times].sort((left, right) => left - right))
      expect(times.every((each) => each >= 0 && each < drawn.overMs)).toBe(true)
      expect(plan.every(({ kind, pauseMs }) => pauseMs > 0 === (kind === 'pause'))).toBe(true)
    }),
  )
})

test('a seed always gives the same plan, another seed another', () => {
  const given = { count: 30, overMs: 90_000 }
  expect(planFaults({ ...given, seed: '7' })).toEqual(planFaults({ ...given, seed: '7' }))
  expect(planFaults({ ...given, seed: '7' })).not.toEqual(planFaults({ ...given, seed: '8' }))
})
