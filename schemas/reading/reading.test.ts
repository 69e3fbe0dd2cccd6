import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MeterId } from '../ids.ts'
import { energyMwh } from '../units.ts'
import {
  addCounters,
  compareVersions,
  emptyCounters,
  type IngestCounters,
  isBalanced,
  isSameVersion,
  type Quality,
  type Reading,
  versionKey,
} from './reading.ts'

/** Few values of each, so that ties are frequent. */
const few = fc.integer({ min: -1, max: 1 })
const power = fc.option(few, { nil: null })
const anyVersion: fc.Arbitrary<Reading> = fc.record({
  meter: fc.constant('A' as MeterId),
  startMs: fc.constant(0),
  durationS: fc.constantFrom(900, 1800),
  energyMwh: few.map(energyMwh),
  powerW: power,
  reactiveVar: power,
  quality: fc.constantFrom<Quality>(0, 1, 2),
  revision: fc.constantFrom(0, 1),
})

test('versions have the same key exactly when they are the same', () => {
  fc.assert(
    fc.property(anyVersion, anyVersion, (left, right) => {
      expect(versionKey(left) === versionKey(right)).toBe(isSameVersion(left, right))
    }),
  )
})

test('versions have one order, whatever the order of arrival', () => {
  fc.assert(
    fc.property(fc.array(anyVersion, { minLength: 1, maxLength: 8 }), (versions) => {
      const countsOf = (all: readonly Reading[]) =>
        all.reduce((best, each) => (compareVersions(each, best) > 0 ? each : best))
      const best = countsOf(versions)
      expect(countsOf(versions.toReversed())).toEqual(best)
      expect(countsOf([...versions.slice(1), versions[0]!])).toEqual(best)
      for (const each of versions) expect(compareVersions(best, each)).toBeGreaterThanOrEqual(0)
    }),
  )
  fc.assert(
    fc.property(anyVersion, anyVersion, anyVersion, (a, b, c) => {
      const signOf = (left: Reading, right: Reading) => Math.sign(compareVersions(left, right)) + 0
      expect(signOf(a, b)).toBe(-signOf(b, a) + 0)
      if (signOf(a, b) >= 0 && signOf(b, c) >= 0) expect(signOf(a, c)).toBeGreaterThanOrEqual(0)
      // Only the same values are the same version.
      expect(isSameVersion(a, b)).toBe(JSON.stringify(a) === JSON.stringify({ ...b }))
    }),
  )
})

test('quality counts first, then revision, energy, powers and duration', () => {
  const least: Reading = {
    ...{ meter: 'A' as MeterId, startMs: 0, durationS: 900, energyMwh: energyMwh(0) },
    ...{ powerW: null, reactiveVar: null, quality: 0, revision: 0 },
  }
  const rising: Partial<Reading>[] = [
    { durationS: 1800 },
    { reactiveVar: -5 },
    { powerW: -5 },
    { energyMwh: energyMwh(1) },
    { revision: 1 },
    { quality: 1 },
  ]
  for (const [at, change] of rising.entries()) {
    // All that counts less is against it.
    const rival = Object.assign({ ...least }, ...rising.slice(0, at)) as Reading
    expect(compareVersions({ ...least, ...change }, rival)).toBeGreaterThan(0)
    expect(compareVersions(rival, { ...least, ...change })).toBeLessThan(0)
  }
  expect(isSameVersion(least, { ...least })).toBe(true)
})

test('counters add up and stay balanced; late and corrected are part of accepted', () => {
  const nat = fc.nat(1_000)
  const anyCounters = fc
    .record({ accepted: nat, duplicate: nat, rejected: nat, late: nat, corrected: nat })
    .map((each): IngestCounters => {
      return { ...each, read: each.accepted + each.duplicate + each.rejected }
    })
  fc.assert(
    fc.property(anyCounters, anyCounters, (left, right) => {
      const sum = addCounters(left, right)
      expect(isBalanced(sum)).toBe(true)
      for (const name of Object.keys(emptyCounters) as (keyof IngestCounters)[]) {
        expect(sum[name]).toBe(left[name] + right[name])
        const isCounted = ['accepted', 'duplicate', 'rejected', 'read'].includes(name)
        expect(isBalanced({ ...sum, [name]: sum[name] + 1 })).toBe(!isCounted)
      }
      expect(addCounters(left, emptyCounters)).toEqual(left)
    }),
  )
})
