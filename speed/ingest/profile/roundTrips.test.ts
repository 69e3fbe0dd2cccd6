import { describe, expect, inject, test } from 'vitest'
import { builtInProfiles } from './builtInProfiles.ts'
import type { ProfileOutcome } from './reading.ts'
import { readWithProfile } from './readWithProfile.ts'
import { type Format, formats } from './testing/exports.ts'
import { makeSeries, type Series } from './testing/makeSeries.ts'
import { headOf, render, writeRows } from './testing/writeFile.ts'

/** Six weeks of 30 of London's sites; `npm test` takes a part of them. */
const size = inject('isSoak') ? { sites: 30, days: 42 } : { sites: 2, days: 2 }

/** Days on which the clocks go back and forward are within each file. */
describe('what is written in a format is read back, to the milliwatt-hour', () => {
  test.each(formats.map((each) => [each.name, each] as const))('%s', (_, format) => {
    // A format with one site in its file has a file for each, every other one in spring.
    const files = format.isOneSite ? size.sites : 2
    for (let seed = 0; seed < files; seed++) {
      const change = seed % 2 === 0 ? 'spring' : 'autumn'
      const series = makeSeries({ ...size, seed, change, traits: format })
      expect(readBack(series, format)).toEqual(truthOf(series))
    }
  })
})

function readBack(series: readonly Series[], format: Format): Map<string, bigint> {
  const rows = writeRows(series, format)
  const bytes = render({ head: headOf(series, format), rows, format })
  const meter = format.isOneSite ? { meter: series[0]!.meter } : {}
  const outcome = readWithProfile(bytes, { ...format.profile, ...meter })
  const { readings, refusals, gaps } = outcome
  expect(refusals).toEqual([])
  // An empty cell is a gap, and so are the first register and those of missing rows.
  const cells = rows.reduce((sum, { values }) => sum + values.length, 0)
  expect(readings.length + gaps.length).toBe(cells)
  return said(outcome)
}

function said({ readings }: ProfileOutcome): Map<string, bigint> {
  return new Map(
    readings.map(({ meter, startMs, durationS, energyMwh }) => {
      return [`${meter} ${startMs} ${durationS}`, energyMwh]
    }),
  )
}

function truthOf(series: readonly Series[]): Map<string, bigint> {
  return new Map(
    series.flatMap(({ meter, stepS, values }) => {
      return [...values].map(([startMs, mwh]) => [`${meter} ${startMs} ${stepS}`, mwh] as const)
    }),
  )
}

test('every built-in profile has a format that is written and read back', () => {
  const written = new Set(formats.map(({ profile }) => profile.name))
  for (const name of builtInProfiles.keys()) expect(written).toContain(name)
})
