import fc from 'fast-check'
import { describe, expect, inject, test } from 'vitest'
import { profileNamed } from './builtInProfiles.ts'
import type { Profile } from './profileShape.ts'
import type { ProfileOutcome } from './reading.ts'
import { readWithProfile } from './readWithProfile.ts'
import { breakFile, type Mutation, mutations } from './testing/breakFile.ts'
import {
  formats,
  makeSeries,
  type Series,
  type WrittenFile,
  writeFile,
} from './testing/writeFile.ts'

/** A part of 30 sites × 6 weeks; the soak takes it whole. */
const size = inject('isSoak') ? { sites: 30, days: 42 } : { sites: 2, days: 6 }

/** Days on which the clocks go back and forward are within each file. */
describe('what is written in a format is read back', () => {
  test.each(formats.map((each) => [each.name, each] as const))('%s', (_, format) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        for (const change of ['spring', 'autumn'] as const) {
          const series = makeSeries({ ...size, seed, change, format })
          const file = writeFile(series, format)
          const outcome = read(file, format.profile)
          expect(outcome.refusals).toEqual([])
          expect(said(outcome)).toEqual(truth(series))
        }
      }),
      { numRuns: inject('isSoak') ? 5 : 1 },
    )
  })
})

describe('a file that was changed is read right, or refused by name', () => {
  test.each(mutations.map((each) => [each] as const))('%s', (mutation) => {
    fc.assert(
      fc.property(
        fc.constantFrom(...formats),
        fc.constantFrom('spring' as const, 'autumn' as const),
        fc.integer({ min: 0, max: 1e6 }),
        (format, change, seed) => {
          const series = makeSeries({ sites: 1, days: 2, seed, change, format })
          check({
            file: writeFile(series, format),
            series,
            mutation,
            seed,
            profile: format.profile,
          })
        },
      ),
      { numRuns: inject('isSoak') ? 1000 : 6 },
    )
  })
})

type Changed = {
  readonly file: WrittenFile
  readonly series: readonly Series[]
  readonly mutation: Mutation
  readonly seed: number
  readonly profile: Profile
}

function check({ file, series, mutation, seed, profile }: Changed): void {
  const broken = breakFile(file, mutation, seed)
  let outcome: ProfileOutcome
  try {
    outcome = read(broken.file, profile)
  } catch (error) {
    // Refused as a whole: a sentence of ours that says what to do.
    expect((error as { kind?: string }).kind).toBe('unreadable')
    return
  }
  const expected = truth(series)
  // Nothing is read that was not written, and what is not read is refused or was taken out.
  const found = said(outcome)
  for (const [key, value] of found) {
    const allowed = [expected.get(key), broken.restated.get(key)].filter(
      (each) => each !== undefined,
    )
    expect(allowed, `${mutation} ${key}`).toContain(value)
  }
  const lost = expected.size - found.size
  expect(lost).toBeLessThanOrEqual(outcome.refusals.length + broken.removed)
  for (const { detail, line } of outcome.refusals) {
    expect(detail.length).toBeGreaterThan(20)
    expect(line).toBeGreaterThan(0)
  }
  // The later word counts, unless the order of the rows does not say which hour it is of.
  const ignored = [...broken.restated].filter(([key, value]) => found.get(key) !== value)
  expect(ignored.length).toBeLessThanOrEqual(outcome.refusals.length)
}

function read(file: WrittenFile, profile: Profile): ProfileOutcome {
  const outcome = readWithProfile(file.bytes, {
    ...profile,
    ...(file.meter ? { meter: file.meter } : {}),
  })
  const { readings, refusals, gaps, cells } = outcome
  expect(readings.length + refusals.length + gaps.length).toBe(cells)
  return outcome
}

/** The word that counts for each meter and interval. */
function said({ readings }: ProfileOutcome): Map<string, bigint> {
  return new Map(
    readings.map(({ meter, startMs, durationS, energyMwh }) => {
      return [`${meter} ${startMs} ${durationS}`, energyMwh]
    }),
  )
}

function truth(series: readonly Series[]): Map<string, bigint> {
  return new Map(
    series.flatMap(({ meter, stepS, values }) => {
      return [...values].map(([startMs, mwh]) => [`${meter} ${startMs} ${stepS}`, mwh] as const)
    }),
  )
}

test('every built-in profile of CSV is written and read back', () => {
  const named = formats.map(({ name }) => name)
  for (const name of ['pge', 'sdge', 'octopus', 'n3rgy', 'enedis', 'enedis-kw', 'e-redes']) {
    expect(named).toContain(name)
    expect(profileNamed(name).name).toBe(name)
  }
})
