import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MeterId } from '../../schemas/ids.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import { decodeColumns, encodeFrame } from '../../schemas/reading/frame.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { readingsOf } from '../../schemas/reading/readingColumns.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { parseBody } from './body/parseBody.ts'
import { framesOf, framesOfColumns } from './framesOf.ts'
import { judgeColumns } from './judgeColumns.ts'
import { noSource } from './judgeDraft.ts'
import { judgeMeter } from './judgeMeter.ts'
import { ingestLimits } from './limits.ts'
import { openRosterGrids } from './rosterGrids.ts'

const nowMs = Date.UTC(2013, 1, 12)
const half = firstStep(1800)
const enrolled = new Map(
  ['A', 'B', 'C', 'S'].map((meter) => [
    meter as MeterId,
    {
      kind: meter === 'S' ? ('net' as const) : ('import' as const),
      zone: 'Europe/London',
      steps: half,
    },
  ]),
)
/** One whose step changed at a local midnight. */
enrolled.set('D' as MeterId, {
  ...enrolled.get('A' as MeterId)!,
  steps: [...half, { fromMs: Date.UTC(2013, 1, 11), intervalS: 900, gridOffsetS: 0 }],
})
const gridsOf = openRosterGrids({ get: (meter) => enrolled.get(meter), changes: () => 0 })

const slot = fc.integer({ min: 0, max: 46 }).map((each) => nowMs - 1_800_000 * (each + 1))
/** A half-hour that any of the meters may have. */
const good = fc.record({
  meter: fc.constantFrom('A', 'B', 'C', 'S'),
  startMs: slot,
  energyMwh: fc.integer({ min: 0, max: 500_000_000 }),
  powerW: fc.option(fc.float({ min: 0, max: 1_000, noNaN: true }), { nil: null }),
  revision: fc.nat(3),
})
const limit = ingestLimits.powerWMax
/** What is wrong with a row, sometimes. */
const odd = fc.constantFrom<Record<string, unknown>>(
  ...[{ meter: 'X' }, { meter: 'D' }, { meter: 'D', durationS: 900 }, { energyMwh: -1 }],
  ...[{ meter: 'S', energyMwh: -1 }, { powerW: -1 }, { powerW: limit * 2 }, { durationS: 900 }],
  ...[{ startMs: nowMs - 1_000 }, { startMs: nowMs + 1_800_000 }, { startMs: 0 }, { durationS: 0 }],
  ...[
    { energyMwh: (limit * 1800) / 3.6 },
    { energyMwh: (limit * 1800) / 3.6 + 1 },
    { isVoid: true },
  ],
  ...[
    { saidAtMs: nowMs },
    { saidAtMs: nowMs + 3_600_000 },
    { saidAtMs: 1 },
    { reactiveVar: -2 * limit },
  ],
)
const row = fc.oneof(
  { weight: 30, arbitrary: good },
  { weight: 1, arbitrary: fc.tuple(good, odd).map(([one, other]) => ({ ...one, ...other })) },
)
const rows = fc.array(row, { minLength: 1, maxLength: 40 }).map((list) => {
  return list.map((each) =>
    aReading({ ...each, ...(('isVoid' in each && { energyMwh: 0 }) || {}) }),
  )
})

test('a frame is taken as a whole only if each of its rows would be, and as they would be', () => {
  let whole = 0
  fc.assert(
    fc.property(rows, (readings) => {
      const body = encodeFrame(readings)
      const columns = judgeColumns(body, { nowMs, by: noSource, gridsOf })
      const parsed = parseBody(body, { format: { kind: 'frame' }, nowMs, source: 'f' })
      const one = parsed.rows.map(({ reading }) => reading)
      const refused = one.filter((each) => judgeMeter(each, enrolled.get(each.meter)))
      if (columns === null) return
      whole += 1
      expect(parsed.rejections).toEqual([])
      expect(refused).toEqual([])
      expect(readingsOf(columns)).toEqual(one)
    }),
    { numRuns: 500 },
  )
  expect(whole).toBeGreaterThan(50)
})

test('what is taken as columns lies in the log as what is taken row by row', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 5 }), (readings, partitions) => {
      const { columns } = decodeColumns(encodeFrame(readings))
      const inLog = (frames: ReturnType<typeof framesOf>) =>
        [...frames].map(([partition, { frames: own, rows: count }]) => {
          const logged = own.flatMap((each): Reading[] => readingsOf(decodeColumns(each).columns))
          return { partition, count, logged }
        })
      expect(inLog(framesOfColumns(columns, partitions))).toEqual(
        inLog(framesOf(readings, partitions)),
      )
    }),
  )
})

test('the request says who says it, or else the frame', () => {
  const body = encodeFrame([aReading({ source: 'own', ingest: 'i1' })])
  const by = (said: { source: string; ingest: string }) => {
    const columns = judgeColumns(body, { nowMs, by: said, gridsOf })!
    return [columns.source, columns.ingest]
  }
  expect(by({ source: '', ingest: '' })).toEqual(['own', 'i1'])
  expect(by({ source: 'other', ingest: '' })).toEqual(['other', 'i1'])
})

test('what is no frame, and a mean power without energy, is read row by row', () => {
  const given = { nowMs, by: noSource, gridsOf }
  expect(judgeColumns(Uint8Array.of(1, 2, 3), given)).toBeNull()
  expect(judgeColumns(new Uint8Array(), given)).toBeNull()
})

test('a roster is looked up again once a meter of it was enrolled or changed', () => {
  const meters = new Map([['A' as MeterId, { ...enrolled.get('A' as MeterId)! }]])
  let changes = 0
  const given = {
    ...{ nowMs, by: noSource },
    gridsOf: openRosterGrids({ get: (meter) => meters.get(meter), changes: () => changes }),
  }
  const body = encodeFrame(
    (['A', 'B'] as const).map((meter) => {
      return aReading({ meter: meter as MeterId, startMs: nowMs - 1_800_000 })
    }),
  )
  const isTaken = () => judgeColumns(body, given) !== null
  expect(isTaken()).toBe(false)
  meters.set('B' as MeterId, { ...enrolled.get('B' as MeterId)! })
  changes += 1
  expect(isTaken()).toBe(true)
  meters.set('B' as MeterId, { ...enrolled.get('B' as MeterId)!, steps: firstStep(3_600) })
  changes += 1
  expect(isTaken()).toBe(false)
})
