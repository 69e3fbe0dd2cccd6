import fc from 'fast-check'
import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import { localDayAt } from '../../schemas/localDay.ts'
import type { TimeRange } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { collectMetered } from '../settlement/collectMetered.ts'
import { collectPieces } from './collectPieces.ts'
import { planReads } from './planReads.ts'

const hourMs = 3_600_000
const meters = ['A', 'B', 'C'].map(meterId)
/** Nights whose clocks change by an hour, and by half of one. */
const nights = [
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Asia/Kathmandu', '2026-10-04'],
] as const
const intervalsS = [1_800, 2_700, 3_600, 5_400, 7_200, 21_600, 43_200, 86_400]

type Given = {
  readonly range: TimeRange
  readonly zone: string
  readonly stepsS: readonly number[]
}

/** Rows on the grids of local days, each meter's in its step; every so many one is missing. */
function rowsOf({ range, zone, stepsS }: Given, missingEach = Number.POSITIVE_INFINITY) {
  return meters.flatMap((meter, at) => {
    const stepMs = stepsS[at]! * 1000
    const rows = []
    let day = localDayAt(range.startMs, zone)
    for (let startMs = day.startMs; startMs < range.endMs; startMs += stepMs) {
      if (startMs >= day.endMs) {
        day = localDayAt(startMs, zone)
        startMs = day.startMs
      }
      const isThere = startMs >= range.startMs && (rows.length + 1) % missingEach !== 0
      const row = { meter, start_ms: startMs, duration_s: stepMs / 1000 }
      if (isThere) rows.push({ ...row, energy_mwh: energyMwh((startMs / 1000) % 28_801) })
    }
    return rows
  })
}

async function bothWays(
  rows: ReturnType<typeof rowsOf>,
  { range, stepsS, intervalS }: Given & { intervalS: number },
) {
  let count = 0
  const stepSOf = (meter: (typeof meters)[number]) => stepsS[meters.indexOf(meter)]!
  async function* pieces() {
    // The least bound: borders at every hour from the start, and at every meter.
    for (const piece of planReads({ meters, range, stepSOf, rowsMax: 1 })) {
      count += 1
      const { startMs, endMs } = piece.range
      const isIn = (ms: number) => ms >= startMs && ms < endMs
      const own = rows.filter((row) => piece.meters.includes(row.meter) && isIn(row.start_ms))
      yield { ...piece, rows: own }
    }
  }
  const asWhole = rows.map((row) => ({
    ...{ meter: row.meter, startMs: row.start_ms },
    ...{ durationS: row.duration_s, energyMwh: row.energy_mwh },
  }))
  const whole = collectMetered({ meters, intervalS, rows: asWhole })
  return { byPieces: await collectPieces(pieces(), intervalS), whole, count }
}

test('pieces come to what all rows together do, wherever borders are', async () => {
  let across = 0
  const stepS = fc.constantFrom(60, 300, 900, 1_800, 2_700)
  const given = fc.record({
    night: fc.constantFrom(...nights),
    stepsS: fc.tuple(stepS, stepS, stepS),
    intervalS: fc.constantFrom(...intervalsS),
    startQuarters: fc.nat(95),
    hours: fc.integer({ min: 2, max: 72 }),
    missingEach: fc.constantFrom(Number.POSITIVE_INFINITY, 50, 7),
  })
  const property = fc.asyncProperty(given, async ({ night: [zone, date], ...given }) => {
    const { startMs: midnightMs } = localDayAt(Date.parse(`${date}T00:00Z`) - 24 * hourMs, zone)
    const startMs = midnightMs + given.startQuarters * 900_000
    const range = { startMs, endMs: startMs + given.hours * hourMs }
    const rows = rowsOf({ range, zone, stepsS: given.stepsS }, given.missingEach)
    const { byPieces, whole, count } = await bothWays(rows, { range, zone, ...given })
    expect(count).toBe(meters.length * given.hours)
    expect(byPieces).toEqual(whole)
    const ends = [...(whole.get(meters[0]!) ?? new Map<number, number>()).keys()]
    if (ends.some((ms) => ((ms - startMs) % hourMs) + given.intervalS * 1000 > hourMs)) across += 1
  })
  await fc.assert(property, { numRuns: 40 })
  expect(across).toBeGreaterThan(10)
})

test('seconds that fill three quarters of an hour across a border are added up', async () => {
  const [zone, intervalS] = ['Australia/Lord_Howe', 2_700]
  const startMs = localDayAt(Date.parse('2026-10-04T12:00Z'), zone).startMs + hourMs / 2
  const range = { startMs, endMs: startMs + 2 * hourMs }
  const given = { range, zone, stepsS: [1, 60, 60] }
  const { byPieces, whole } = await bothWays(rowsOf(given), { ...given, intervalS })
  expect(byPieces).toEqual(whole)
  expect(byPieces.get(meters[0]!)?.has(startMs + 1_800_000)).toBe(true)
})
