import { expect, test } from 'vitest'
import { isoUtc } from '../../../../schemas/time.ts'
import type { Profile } from '../profileShape.ts'
import { readWithProfile } from '../readWithProfile.ts'

/** A file, how it is said to be read, and its readings as `MM-DDTHH:mm mWh`, or a refusal. */
export type Case = readonly [
  what: string,
  file: string,
  profile: Profile,
  expected: readonly string[] | string,
]

export const half: Profile = { layout: 'wide', unit: 'kWh' }

/** Rows of 1 January. */
export function newYear(...rows: string[]): string {
  return `start,A\n${rows.map((row) => `2024-01-01T${row}\n`).join('')}`
}

/** A test for each. */
export function cases(all: readonly Case[]): void {
  test.each(all.map((each) => [each[0], each] as const))('%s', (_, [, file, profile, expected]) => {
    if (typeof expected !== 'string') {
      const { readings, refusals } = read(file, profile)
      expect(refusals).toEqual([])
      expect(
        readings.map(({ startMs, energyMwh }) => `${isoUtc(startMs).slice(5, 16)} ${energyMwh}`),
      ).toEqual(expected)
      return
    }
    const counted = /^(\d+) refused: (.*)/.exec(expected)
    if (counted) {
      const { refusals } = read(file, profile)
      expect(refusals).toHaveLength(Number(counted[1]))
      expect(refusals[0]?.detail).toContain(counted[2])
    } else if (expected.startsWith('wholly refused')) {
      let readings = 0
      try {
        readings = read(file, profile).readings.length
      } catch (error) {
        expect((error as Error).message).toMatch(/delimiter|decimal|names/)
      }
      expect(readings).toBe(0)
    } else {
      expect(() => read(file, profile)).toThrow(expected)
    }
  })
}

/** Readings, refusals and gaps, which are as many as the cells. */
export function read(file: string, profile: Profile) {
  const outcome = readWithProfile(new TextEncoder().encode(file), profile)
  const { readings, refusals, gaps, cells } = outcome
  expect(readings.length + refusals.length + gaps.length).toBe(cells)
  return outcome
}
