import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { partitionOf } from '../../schemas/ids.ts'
import type { MeterKind } from '../../schemas/meter/kind.ts'
import { memberOf } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { columnsOf, noColumns } from '../../schemas/reading/frame.ts'
import { quality, type Reading, standing } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { createRecentSums } from '../deviation/recentSums.ts'
import { sumOfSites } from '../testing/sumOfSites.ts'
import { advanceChanges } from './advanceChanges.ts'
import { processRecords } from './processRecords.ts'
import { createSpeedState, type SpeedState, setBaselines } from './speedState.ts'

const zone = 'Europe/London'
const partitions = 2
const day = localDayNamed('2013-02-11', zone)
const point = (meter: string, site: string, part: { kind?: MeterKind; intervalS?: number } = {}) =>
  aMeter({ meter, site, zone, intervalS: 1_800, groups: [memberOf('G'), memberOf('H')], ...part })
/** Sites of two meters in two partitions, of a finer meter, and one alone. */
const meters = [
  ...[point('a', 'S', { kind: 'import' }), point('b', 'S', { kind: 'export' })],
  ...[point('c', 'T', { kind: 'load' }), point('d', 'T', { kind: 'generation' })],
  ...[point('e', 'U', { intervalS: 900 }), point('f', 'V')],
]

const said = fc.record({
  meter: fc.constantFrom(...meters),
  slot: fc.nat(4),
  wh: fc.integer({ min: 0, max: 3_000 }),
  isVoid: fc.boolean(),
  source: fc.constantFrom('', 'bill'),
  ingest: fc.constantFrom('', 'file'),
  standing: fc.constantFrom(standing.fill, standing.stated, standing.held),
  revision: fc.nat(2),
})
const step = fc.oneof(
  { weight: 12, arbitrary: fc.array(said, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constant('withdrawal' as const) },
)

test('a sum of what changed is the sum of all, and its version never falls', () => {
  fc.assert(
    // Room for the sums of few intervals, or of all.
    fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom(9, 1_000), (steps, sitesMax) => {
      const state = { ...freshState(), sums: createRecentSums(sitesMax) }
      const versions = new Map<string, number>()
      for (const [offset, each] of steps.entries()) {
        const published = take(state, each, offset)
        for (const sum of published) {
          const group = state.groups.get(sum.group)!
          expect(sum).toEqual(sumOfSites(group, sum.startMs))
          const name = `${sum.group} ${sum.startMs}`
          expect(sum.versionSum).toBeGreaterThan(versions.get(name) ?? 0)
          versions.set(name, sum.versionSum)
        }
        expect(state.sums.sites).toBeLessThanOrEqual(sitesMax)
      }
    }),
    { numRuns: 300 },
  )
})

test('a correction looks at its own site', () => {
  const state = freshState()
  const list = ['a', 'b', 'f'].map((name) => readingOf({ ...usual, meter: meterNamed(name) }))
  const [sum] = publish(state, list, 0)
  expect(sum).toMatchObject({ group: 'G', members: 2, loadW: 2_000 })
  let looks = 0
  const { sites } = state.groups.get('G')!
  const get = () => {
    looks += 1
    return []
  }
  for (const site of sites) if (site.site !== 'V') Object.defineProperty(site, 'terms', { get })
  const restated = { ...usual, meter: meterNamed('f'), wh: 500, revision: 1 }
  const [after] = publish(state, [readingOf(restated)], 1)
  expect(after).toMatchObject({ group: 'G', members: 2, loadW: 1_000 })
  expect(looks).toBe(0)
})

const usual: Omit<Said, 'meter'> = {
  ...{ slot: 0, wh: 1_000, isVoid: false, source: '', ingest: '' },
  ...{ standing: standing.stated, revision: 0 },
}

function meterNamed(name: string) {
  return meters.find(({ meter }) => meter === name)!
}

type Said = Pick<Reading, 'isVoid' | 'source' | 'ingest' | 'standing' | 'revision'> & {
  readonly meter: Meter
  readonly slot: number
  readonly wh: number
}

function take(state: SpeedState, each: readonly Said[] | 'withdrawal', offset: number) {
  if (each !== 'withdrawal') return publish(state, each.map(readingOf), offset)
  const act = { kind: 'withdrawal', ingest: 'file' } as const
  const records = Array.from({ length: partitions }, (_, partition) => {
    return { partition, ...placeOf(offset), columns: noColumns, act, isFrame: true }
  })
  return advanceChanges(state, processRecords(state, records).changes).groups
}

function publish(state: SpeedState, readings: readonly Reading[], offset: number) {
  const frames = new Map<string, Reading[]>()
  for (const each of readings) {
    const { meter, source, ingest } = each
    const name = `${partitionOf(meter, partitions)} ${source} ${ingest}`
    frames.set(name, [...(frames.get(name) ?? []), each])
  }
  const records = [...frames.values()].map((own, index) => {
    const partition = partitionOf(own[0]!.meter, partitions)
    const place = { partition, ...placeOf(offset, index) }
    return { ...place, columns: columnsOf(own), act: null, isFrame: true }
  })
  return advanceChanges(state, processRecords(state, records).changes).groups
}

/** A step has at most eight frames of a partition: a frame is of one source and one ingest. */
function placeOf(step: number, frame = 0) {
  return { offset: 8 * step + frame, loggedMs: step }
}

function freshState(): SpeedState {
  const options = { ...deviationDefaults, latenessS: 3600, cellsMax: 1_000_000 }
  const given = { generation: 1, revision: 0, highWaterMs: day.startMs, partitions, options }
  const state = createSpeedState({ ...given, meters })
  // Site T has readings without a baseline.
  const rows = meters
    .filter(({ site }) => site !== 'T')
    .flatMap(({ meter, intervalS }) =>
      Array.from({ length: 8 }, (_, slot) => ({
        ...{ meter, startMs: day.startMs + slot * intervalS * 1000, durationS: intervalS },
        ...{ baselineMwh: 1_000_000 + 50_000 * slot, sigmaW: 100 },
      })),
    )
  setBaselines(state, rows)
  return state
}

function readingOf({ meter, slot, wh, ...word }: Said) {
  const { intervalS } = meter
  return {
    ...{ meter: meter.meter, startMs: day.startMs + slot * intervalS * 1000, durationS: intervalS },
    ...{ powerW: null, reactiveVar: null, quality: quality.measured, ...stated, ...word },
    energyMwh: energyMwh(word.isVoid ? 0 : wh * 1_000),
  } satisfies Reading
}
