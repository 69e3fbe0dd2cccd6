import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addSite,
  emptyGroupSum,
  finishGroup,
  partOfMember,
} from '../../schemas/deviation/sumGroup.ts'
import { meterId } from '../../schemas/ids.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { intervalStarts } from '../../schemas/time.ts'
import { type EnergyMwh, energyMwh, meanPowerW } from '../../schemas/units.ts'
import { emptyBaseline } from '../settlement/eventBaselines.ts'
import { settleEvent } from '../settlement/settleEvent.ts'
import { exampleEvent, exampleInputs, meters } from '../settlement/testing/exampleEvent.ts'
import { compareEvent } from './compareEvent.ts'
import type { ComparedRow } from './sumRows.ts'

const hourMs = 3_600_000
const { startMs } = exampleEvent
const row = (meter: string, offsetMs: number, energyMwh: number): ComparedRow => ({
  ...{ meter: meter as ComparedRow['meter'], startMs: startMs + offsetMs, durationS: 1800 },
  ...{ energyMwh, deviationW: -100, origin: 'speed' },
})
const range = { startMs: startMs - 6 * hourMs, endMs: startMs + 4 * hourMs }
const window = { startMs: startMs - 4 * hourMs, endMs: startMs - hourMs }
const rows = [
  row(meters[0]!, -5 * hourMs, 300_000),
  row(meters[0]!, -4 * hourMs, 300_000),
  row(meters[0]!, -hourMs, 300_000),
  row(meters[0]!, 0, 340_000),
  row(meters[1]!, 0, 400_000),
  row('STRANGER', 0, 999_000),
  row(meters[0]!, 2 * hourMs, 300_000),
]
const ask = { event: exampleEvent, range, window, rows }

test('takes the committed baseline within the event, the live one around it', () => {
  const { baselines } = exampleInputs()
  const compared = compareEvent({ ...ask, committed: baselines, isVerified: false })
  expect(compared.isProvisional).toBe(true)
  expect(compared.intervals.map((each) => each.phase)).toEqual([
    'before',
    'adjustment',
    'before',
    'event',
    'after',
  ])
  // Committed 400 and 410 Wh, ordered a tenth, metered 340 and 400 Wh: 40 (of 60) and 10 Wh.
  expect(compared.intervals[3]).toMatchObject({ members: 2, loadW: 1480 })
  expect(compared.intervals[3]!.baselineW).toBeCloseTo(2 * 810, 9)
  expect(compared.intervals[3]!.orderedW).toBeCloseTo(2 * 81, 9)
  expect(compared.intervals[3]!.deliveredW).toBeCloseTo(2 * 50, 9)
  expect(compared.members[0]).toMatchObject({ orderedMwh: 40_000, deliveredMwh: 40_000 })
  // In energy, as in the settlement: 40 + 41 Wh ordered, 40 + 10 Wh delivered, none around it.
  const totals = { orderedMwh: 81_000, deliveredMwh: 50_000 }
  expect(compared).toMatchObject(totals)
  expect(compared.intervals[3]).toMatchObject(totals)
  expect(compared.intervals[4]).toMatchObject({ orderedMwh: 0, deliveredMwh: 0 })
  // 300 Wh in half an hour is 600 W; the view measures 100 W below its adjusted baseline.
  expect(compared.intervals[0]).toMatchObject({ loadW: 600, baselineW: 700, deviationW: -100 })
  expect(compared.intervals[0]).toMatchObject({ orderedW: 0, deliveredW: 0 })
})

test('before the commitment the live baseline is used; without any there is no sum', () => {
  const bare = { ...row(meters[2]!, 0, 1), deviationW: null }
  const compared = compareEvent({
    ...ask,
    rows: [...rows, bare],
    committed: null,
    isVerified: true,
  })
  // Live: 340 + 50 and 400 + 50 Wh.
  expect(compared.intervals[3]).toMatchObject({ members: 2 })
  expect(compared.intervals[3]!.baselineW).toBeCloseTo(2 * 840, 9)
  expect(compared.members[2]!.intervals[0]).toMatchObject({ baselineW: null, deviationW: null })
  expect(compared.members).toHaveLength(5)
})

test('around the event its sums are those of a group, to the milliwatt', () => {
  const [net, solar] = [meterId('NET'), meterId('SOLAR')]
  const terms = [
    { meter: net, sign: 1 as const },
    { meter: solar, sign: -1 as const },
  ]
  const { point: _, ...member } = exampleEvent.participants[0]!
  const event = {
    ...exampleEvent,
    participants: [{ ...member, point: { terms, boundary: [], mayBeNegative: true } }],
  }
  // Hundredths of a milliwatt, so that quarters and terms round.
  const deviation = fc.integer({ min: -1e9, max: 1e9 }).map((each) => each / 1e5)
  fc.assert(
    fc.property(fc.tuple(deviation, deviation, deviation, deviation), (deviations) => {
      const atMs = startMs - 5 * hourMs
      // Two quarters of an hour of each meter.
      const rows = deviations.map((deviationW, at): ComparedRow => {
        const [quarter, term] = [at % 2, at < 2 ? net : solar]
        const times = { startMs: atMs + quarter * 900_000, durationS: 900 }
        return { meter: term, ...times, energyMwh: 1000 * at, deviationW, origin: 'batch' }
      })
      const sum = emptyGroupSum()
      addSite(sum, terms, ({ meter }) => {
        const rowAt = (ms: number) => rows.find((row) => row.meter === meter && row.startMs === ms)
        return partOfMember({ startMs: atMs, stepS: 1800, intervalS: 900, rowAt })
      })
      const expected = finishGroup({ group: '', startMs: atMs, durationS: 1800 }, sum)
      const compared = compareEvent({ ...ask, event, rows, committed: null, isVerified: false })
      const { loadW, baselineW, deviationW } = compared.intervals[0]!
      expect({ loadW, baselineW, deviationW }).toEqual({
        ...{ loadW: expected?.loadW, baselineW: expected?.baselineW },
        deviationW: expected?.deviationW,
      })
    }),
  )
})

test('a reading of another length has no baseline, as in the settlement', () => {
  const { baselines } = exampleInputs()
  // A third of an interval: 170 of 400 Wh would be more than the order.
  const short = { ...row(meters[0]!, 0, 170_000), durationS: 600 }
  const compared = compareEvent({ ...ask, rows: [short], committed: baselines, isVerified: false })
  expect(compared).toMatchObject({ intervals: [], orderedMwh: 0, deliveredMwh: 0 })
  // 170 Wh in ten minutes are 1,020 W.
  const [shown] = compared.members[0]!.intervals
  expect(shown).toMatchObject({ durationS: 600, loadW: 1020, baselineW: null, deviationW: null })
})

test('once baselines are committed, a member without one is not measured by its live one', () => {
  const rows = [row(meters[4]!, 0, 300_000)]
  const asked = { ...ask, rows, isVerified: false }
  const before = compareEvent({ ...asked, committed: null })
  expect(before.intervals).toMatchObject([{ members: 1, orderedMwh: 35_000 }])
  const after = compareEvent({ ...asked, committed: exampleInputs().baselines })
  expect(after).toMatchObject({ intervals: [], orderedMwh: 0, deliveredMwh: 0 })
})

test('figures of an event are those of its settlement', () => {
  fc.assert(
    fc.property(drawnEvent(), ({ event, baselines, versions }) => {
      const rows = countingOf(versions)
      const compared = compareEvent({
        ...{ event, range, window: null, committed: baselines, isVerified: true },
        rows: rows.map((each): ComparedRow => ({ ...each, deviationW: -7, origin: 'speed' })),
      })
      // From the readings themselves, without the code that the comparison uses to choose them.
      const metered = new Map(
        event.participants.map(({ meter }) => [
          meter,
          new Map(
            rows
              .filter((each) => each.meter === meter && each.durationS === event.intervalS)
              .map((each): [number, EnergyMwh] => [each.startMs, each.energyMwh]),
          ),
        ]),
      )
      const settled = settleEvent({ event, baselines, metered, balances: new Map() })

      const inEvent = compared.intervals.filter((each) => each.phase === 'event')
      expect(compared.deliveredMwh).toBe(settled.delivered)
      const settledAt = (startMs: number) =>
        settled.lines.flatMap(({ intervals }) => intervals.filter((at) => at.startMs === startMs))
      for (const startMs of intervalStarts(event, event.intervalS)) {
        const lines = settledAt(startMs)
        const shown = inEvent.find((each) => Date.parse(each.start) === startMs)
        const loadW = lines.reduce((sum, each) => sum + meanPowerW(each.metered, each.durationS), 0)
        expect(shown?.members ?? 0).toBe(lines.length)
        expect(shown?.orderedMwh ?? 0).toBe(lines.reduce((sum, each) => sum + each.ordered, 0))
        expect(shown?.deliveredMwh ?? 0).toBe(lines.reduce((sum, each) => sum + each.delivered, 0))
        expect(shown?.loadW ?? 0).toBeCloseTo(loadW, 6)
      }
      expect(inEvent.length).toBeLessThanOrEqual((event.endMs - startMs) / (event.intervalS * 1000))
      for (const [at, line] of settled.lines.entries()) {
        const member = compared.members[at]!
        expect(member).toMatchObject({ meter: line.meter, deliveredMwh: line.delivered })
        const shown = member.intervals.filter((each) => {
          return each.phase === 'event' && each.baselineW !== null
        })
        expect(shown.map((each) => Date.parse(each.start))).toEqual(
          line.intervals.map((each) => each.startMs),
        )
        for (const [index, each] of line.intervals.entries()) {
          const { durationS, baseline, metered: energy } = each
          expect(shown[index]!.baselineW).toBeCloseTo(meanPowerW(baseline, durationS), 6)
          expect(shown[index]!.deviationW).toBeCloseTo(meanPowerW(energy - baseline, durationS), 6)
        }
      }
    }),
  )
})

const lengthsS = [900, 1800, 3600]

/**
 * An event of 15, 30 or 60 minutes' intervals; members without a reading, with readings of other
 * lengths and at other instants, corrected and repeated, and some without a baseline.
 */
function drawnEvent() {
  return fc.constantFrom(...lengthsS).chain((intervalS) => {
    const event = { ...exampleEvent, intervalS }
    const starts = [...intervalStarts(event, intervalS)]
    const energy = fc.integer({ min: 0, max: 900_000 }).map(energyMwh)
    const baseline = fc.option(fc.tuple(...starts.map(() => energy)), { freq: 4 })
    const version = fc.record({
      meter: fc.constantFrom(...meters),
      startMs: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...starts) },
        { weight: 1, arbitrary: fc.integer({ min: -12, max: 36 }).map(tenMinutes) },
      ),
      durationS: fc.oneof(
        { weight: 3, arbitrary: fc.constant(intervalS) },
        { weight: 1, arbitrary: fc.constantFrom(600, ...lengthsS) },
      ),
      energyMwh: energy,
      powerW: fc.constant(null),
      reactiveVar: fc.constant(null),
      quality: fc.constantFrom(0, 1, 2) as fc.Arbitrary<Reading['quality']>,
      revision: fc.constant(0),
      ...constants(stated),
    })
    return fc
      .record({
        baselines: fc.tuple(...meters.map(() => baseline)),
        versions: fc.array(version, { minLength: 5, maxLength: 60 }),
      })
      .map(({ baselines, versions }) => ({
        ...{ event, versions },
        baselines: new Map(
          baselines.flatMap((energies, at) => {
            if (energies === null) return []
            const intervals = energies.map((baselineMwh, slot) => {
              return { startMs: starts[slot]!, baselineMwh }
            })
            return [[meters[at]!, { ...emptyBaseline, intervals }]]
          }),
        ),
      }))
  })
}

function tenMinutes(steps: number) {
  return startMs + steps * 600_000
}

/** The version that counts of each interval, in the order of the merged view. */
function constants<T extends object>(values: T) {
  const entries = Object.entries(values).map(([name, value]) => [name, fc.constant(value)])
  return Object.fromEntries(entries) as { [name in keyof T]: fc.Arbitrary<T[name]> }
}

function countingOf(versions: readonly Reading[]): Reading[] {
  const counting = new Map<string, Reading>()
  for (const each of versions) {
    const key = `${each.startMs} ${each.meter}`
    // The later word counts.
    counting.set(key, each)
  }
  return [...counting.values()].sort(
    (left, right) => left.startMs - right.startMs || (left.meter < right.meter ? -1 : 1),
  )
}
