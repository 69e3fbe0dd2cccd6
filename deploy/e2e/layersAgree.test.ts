import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CountingReading } from '../../batch/history/buildSeries.ts'
import { dayBaselines, listDays } from '../../batch/recompute/dayBaselines.ts'
import { dayDeviations, splitDays } from '../../batch/recompute/deviationRows.ts'
import { createGroupSums, partsOfMeter } from '../../batch/recompute/groupRows.ts'
import { caiso10in10 } from '../../schemas/baseline/methods.ts'
import type { Deviation, GroupDeviation } from '../../schemas/deviation/deviationRow.ts'
import { planGroups, termsByMeter } from '../../schemas/deviation/groupPlan.ts'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import { type Grid, intervalAt, isOnGrid } from '../../schemas/meter/grid.ts'
import { mayBeNegative, meterKinds } from '../../schemas/meter/kind.ts'
import { type Membership, memberOf } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { type DatedSteps, firstStep, stepAt, withStep } from '../../schemas/meter/step.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { columnsOf } from '../../schemas/reading/frame.ts'
import { quality, type Reading } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import {
  addDays,
  type EpochMs,
  isoUtc,
  type LocalDay,
  localDayNamed,
  type TimeRange,
} from '../../schemas/time.ts'
import { energyMwh, meanPowerW } from '../../schemas/units.ts'
import { advanceChanges } from '../../speed/microbatch/advanceChanges.ts'
import type { ReadRecord } from '../../speed/microbatch/decodeRecord.ts'
import { processRecords } from '../../speed/microbatch/processRecords.ts'
import {
  createSpeedState,
  replayFromMs,
  type SpeedState,
  setBaselines,
} from '../../speed/microbatch/speedState.ts'
import { cellsOfKernel } from '../../speed/testing/cellsOfKernel.ts'
import { liveRows } from '../../speed/testing/publishedRows.ts'

/**
 * The merged views before and after a generation is published, computed by the pure parts of both
 * layers. `publish.test.ts` checks the same through the real store.
 */
const markZone = 'Europe/London'
const partitions = 2
const options = { ...deviationDefaults, bandWh: 300, latenessS: 3_600, cellsMax: 1_000_000 }
const none: ReadonlySet<string> = new Set()
const hourMs = 3_600_000

/**
 * Whole, half and quarter hours from UTC, east and west of the high-water mark; one DST change of
 * 30 min.
 */
const zones = [
  markZone,
  'America/New_York',
  'Atlantic/Azores',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
]

/** An ordinary day, and days with a DST change in one of the zones. */
const dates = ['2013-02-12', '2013-03-10', '2013-03-31', '2013-04-07', '2013-10-27', '2013-11-03']

const site = fc.record({
  zone: fc.constantFrom(...zones),
  intervalS: fc.constantFrom(900, 1800, 3600),
  gridOffsetS: fc.constantFrom(0, 0, 300),
  // Another step, from so many days after the first high-water mark on, in the meter's zone.
  changedS: fc.constantFrom(900, 1800, 3600),
  changeDays: fc.constantFrom(null, null, -4, -1, 0, 1),
  site: fc.constantFrom('S', 'T', 'U'),
  kind: fc.constantFrom(...meterKinds),
  group: fc.constantFrom('G', 'H'),
  feeder: fc.constantFrom(null, 'feeder:F'),
  // Hours from the first high-water mark; it is in its group before, in the other one after.
  moveHours: fc.constantFrom(null, -3, 2, 12, 24),
})
const place = { seed: fc.nat(), date: fc.constantFrom(...dates) }
const worlds = fc.record({ ...place, sites: fc.array(site, { minLength: 2, maxLength: 5 }) })

/**
 * Meters of one grid and kind, so many that the last of them are in a block of the kernel: blocks
 * have 1, 1, 2, 4, 8 and 16 runs.
 */
const fleetMeters = 22
const fleets = fc
  .record({ ...place, sites: fc.tuple(site), intervalS: fc.constantFrom(1800, 3600) })
  .map(({ sites: [one], intervalS, ...given }) => {
    const steady = { ...one, intervalS, changeDays: null }
    return { ...given, sites: Array.from({ length: fleetMeters }, () => steady) }
  })

test('publishing a generation changes nothing where no reading was late', () => {
  let groupsSeen = 0
  fc.assert(
    fc.property(worlds, (drawn) => {
      const world = worldOf(drawn)
      const before = mergedAt(world, { highWaterMs: world.firstMs })
      const after = mergedAt(world, { highWaterMs: world.secondMs })
      expect(after.rows).toEqual(before.rows)
      expect(after.groups).toEqual(before.groups)
      groupsSeen += after.groups.size
      expect([...after.rows.values()].some((row) => row.z !== null)).toBe(true)
      expect([...after.rows.values()].some((row) => row.isException)).toBe(true)
    }),
    { numRuns: 12, endOnFailure: true },
  )
  expect(groupsSeen).toBeGreaterThan(0)
})

test('nor does it where the kernel computed the rows of the speed layer', () => {
  let cells = 0
  fc.assert(
    fc.property(fleets, (drawn) => {
      const world = worldOf(drawn)
      const before = mergedAt(world, { highWaterMs: world.firstMs })
      const after = mergedAt(world, { highWaterMs: world.secondMs })
      expect(after.rows).toEqual(before.rows)
      expect(after.groups).toEqual(before.groups)
      cells += before.cellsOfKernel
    }),
    { numRuns: 2, endOnFailure: true },
  )
  expect(cells).toBeGreaterThan(0)
})

test('late readings change the rows that depend on them, and no others', () => {
  fc.assert(
    fc.property(worlds, fc.nat(), fc.nat({ max: 60 }), (drawn, which, hoursBack) => {
      const world = worldOf(drawn)
      const lateMs = world.firstMs - hoursBack * hourMs
      const own = world.meters[which % world.meters.length]!
      const { meter } = own
      const late = world.readings.find((each) => each.meter === meter && each.start_ms >= lateMs)!
      // One of another length is no interval of its meter, and has no row.
      fc.pre(late.start_ms < world.firstMs && isOnGrid(own, late.start_ms, late.duration_s))
      const before = mergedAt(world, { highWaterMs: world.firstMs, late })
      const after = mergedAt(world, { highWaterMs: world.secondMs })

      for (const [key, row] of after.rows) {
        if (before.inputs.get(key) === after.inputs.get(key)) {
          expect(before.rows.get(key), key).toEqual(row)
        }
      }
      const key = keyOf(late.meter, late.start_ms)
      expect([before.rows.has(key), after.rows.has(key)]).toEqual([false, true])
      const changed = [...after.rows].filter(([key, row]) => !isSame(row, before.rows.get(key)))
      expect(new Set(changed.map(([, row]) => row.meter))).toEqual(new Set([meter]))
      const touched = new Set(changed.flatMap(([, row]) => intervalsOf(world, row)))
      for (const [key, sum] of after.groups) {
        if (!touched.has(key)) expect(before.groups.get(key), key).toEqual(sum)
      }
    }),
    { numRuns: 6, endOnFailure: true },
  )
})

type World = {
  readonly meters: readonly Meter[]
  readonly readings: readonly CountingReading[]
  readonly firstMs: EpochMs
  readonly secondMs: EpochMs
  readonly seed: number
}

type Drawn = {
  readonly seed: number
  readonly date: string
  readonly sites: readonly DrawnMeter[]
}

type DrawnMeter = Pick<Meter, 'zone' | 'intervalS' | 'site' | 'kind'> & {
  readonly gridOffsetS: number
  readonly changedS: number
  readonly changeDays: number | null
  readonly group: string
  readonly feeder: string | null
  readonly moveHours: number | null
}

/** In a group of one kind all the time, or until it moves, and in a feeder from a date on. */
function groupsOf({ group, feeder, moveHours }: DrawnMeter, firstMs: EpochMs): Membership[] {
  const atMs = moveHours === null ? null : firstMs + moveHours * hourMs
  const other = group === 'G' ? 'H' : 'G'
  const own =
    atMs === null
      ? [memberOf(group)]
      : [
          { ...memberOf(group), untilMs: atMs },
          { ...memberOf(other), fromMs: atMs },
        ]
  const onFeeder = feeder === null ? [] : [{ ...memberOf(feeder), fromMs: atMs ?? -1 }]
  return [...own, ...onFeeder]
}

function stepsOf(drawn: DrawnMeter, first: LocalDay): DatedSteps {
  const { zone, intervalS, gridOffsetS, changedS, changeDays } = drawn
  const steps = firstStep(intervalS, gridOffsetS)
  if (changeDays === null) return steps
  const { date } = addDays(first, changeDays, markZone)
  const { startMs: fromMs } = localDayNamed(date, zone)
  return withStep(steps, { fromMs, intervalS: changedS, gridOffsetS: 0 })
}

function measuredOf(grid: Grid, { startMs, endMs }: TimeRange): TimeRange[] {
  const intervals: TimeRange[] = []
  for (let own = intervalAt(grid, startMs); own.endMs <= endMs; own = intervalAt(grid, own.endMs)) {
    intervals.push(own)
  }
  return intervals
}

/** Nine days before the first high-water mark, the day between the two, and an hour. */
function worldOf({ seed, date, sites }: Drawn): World {
  const first = localDayNamed(date, markZone)
  const fromMs = addDays(first, -9, markZone).startMs
  const meters = sites.map((drawn, index) => {
    const { zone, site, kind } = drawn
    const groups = groupsOf(drawn, first.startMs)
    return aMeter({ meter: `M${index}`, zone, steps: stepsOf(drawn, first), site, kind, groups })
  })
  const readings = meters.flatMap((each, index): CountingReading[] => {
    const { meter, kind } = each
    const intervals = measuredOf(each, { startMs: fromMs, endMs: first.endMs + hourMs })
    return intervals.flatMap((own, slot) => {
      const chance = scatter(seed + index, slot)
      const lengthS = (own.endMs - own.startMs) / 1000
      // Some readings are missing, some have another length.
      if (chance % 23 === 0) return []
      const duration_s = chance % 41 === 1 ? lengthS / 3 : lengthS
      // A meter that can be negative is so in half of its intervals.
      const middle = mayBeNegative(kind) ? 1_000_000 : 0
      const energy_mwh = Math.round(((chance % 1_999_993) - middle) * (lengthS / 900))
      return [{ meter, start_ms: own.startMs, duration_s, energy_mwh, quality: 2 }]
    })
  })
  return { meters, readings, firstMs: first.startMs, secondMs: first.endMs, seed }
}

type Merged = {
  readonly rows: ReadonlyMap<string, Deviation>
  readonly groups: ReadonlyMap<string, GroupDeviation>
  /** What each row depends on: its day's readings and baselines up to it. */
  readonly inputs: ReadonlyMap<string, string>
  /** Cells that only the kernel can have computed, over all micro-batches. */
  readonly cellsOfKernel: number
}

/** A late reading is known to the speed layer and not yet to the generation. */
type MergedAt = { readonly highWaterMs: EpochMs; readonly late?: CountingReading }

function mergedAt(world: World, { highWaterMs, late }: MergedAt): Merged {
  const rows = new Map<string, Deviation>()
  const groups = new Map<string, GroupDeviation>()
  const inputs = new Map<string, string>()
  const plans = planGroups(world.meters)
  const terms = termsByMeter(plans.values())
  const sums = createGroupSums(plans)
  const basis = { generation: 1, revision: 1, highWaterMs, partitions, options }
  const state = createSpeedState({ ...basis, ...world })
  // Sums are added by site, then by meter.
  const bySite = [...world.meters].sort((left, right) => (left.site < right.site ? -1 : 1))
  for (const meter of bySite) {
    const own = world.readings.filter((each) => each.meter === meter.meter)
    const known = own.filter((each) => each.start_ms < highWaterMs && each !== late)
    const closed = splitDays(known, meter.zone)
    // As a generation publishes them: the day of the high-water mark, and the next.
    const open = listDays(highWaterMs, meter.zone, [-1, 1])
    const days = [...closed.map(({ day }) => day), ...open]
    const calendar = { method: caiso10in10, excludedDates: none, holidays: none }
    const { slots } = dayBaselines({ ...calendar, meter, readings: known, days })
    setBaselines(
      state,
      [...slots].map(([startMs, { baselineMwh, spreadMwh }]) => {
        const durationS = stepAt(meter.steps, startMs).intervalS
        const sigmaW = meanPowerW(spreadMwh, durationS)
        return { meter: meter.meter, startMs, durationS, baselineMwh, sigmaW }
      }),
    )
    const folded = closed.flatMap((each) => {
      return dayDeviations({ ...each, meter, baselines: slots, options })
    })
    const isWanted = (startMs: EpochMs) => startMs < highWaterMs
    for (const term of terms.get(meter.meter)!) {
      sums.add(partsOfMeter({ meter, term, rows: folded, isWanted }))
    }
    for (const row of folded) rows.set(keyOf(row.meter, row.startMs), row)
    for (const { day, readings } of splitDays(own, meter.zone)) {
      const seen: unknown[] = []
      for (const each of readings) {
        if (each.start_ms < highWaterMs && each === late) continue
        seen.push([each, slots.get(each.start_ms)])
        inputs.set(keyOf(each.meter, each.start_ms), JSON.stringify([day.date, ...seen]))
      }
    }
  }
  for (const sum of sums.finish(highWaterMs)) groups.set(keyOf(sum.group, sum.startMs), sum)
  const { cells, ...live } = followLog(state, world)
  for (const row of live.rows) rows.set(keyOf(row.meter, row.startMs), row)
  for (const { versionSum: _, ...sum } of live.groups) {
    groups.set(keyOf(sum.group, sum.startMs), sum)
  }
  return { rows: sorted(rows), groups: sorted(groups), inputs, cellsOfKernel: cells }
}

/** The final rows of the speed layer, whatever the order of the readings. */
function followLog(state: SpeedState, { readings, seed }: World) {
  const held = readings.filter((each) => each.start_ms >= replayFromMs(state))
  const shuffled = held
    .map((reading, index) => ({ reading, rank: scatter(seed, index) }))
    .sort((left, right) => left.rank - right.rank)
  const records = shuffled.map(({ reading }, offset): ReadRecord => {
    const each = readingOf(reading)
    return {
      partition: partitionOf(each.meter, partitions),
      offset,
      loggedMs: offset,
      columns: columnsOf([each]),
      act: null,
      isFrame: true,
    }
  })
  const rows: Deviation[] = []
  const groups: ReturnType<typeof advanceChanges>['groups'][number][] = []
  let cells = 0
  for (let from = 0; from < records.length; from += 97) {
    const { changes } = processRecords(state, records.slice(from, from + 97))
    const advanced = advanceChanges(state, changes)
    rows.push(...liveRows(state, advanced.deviations).map(deviationOf))
    groups.push(...advanced.groups)
    // Not only at the end, when the readings of most lanes have reached them.
    cells += cellsOfKernel(state)
  }
  expect(rows.every((row) => row.startMs >= state.highWaterMs)).toBe(true)
  return { rows, groups, cells }
}

function deviationOf(row: InsertRow<'speed_deviation'>): Deviation {
  expect(row.is_missing).toBe(false)
  return {
    ...{ meter: row.meter as MeterId, groups: row.group_id, startMs: row.start },
    ...{ durationS: row.duration_s, energyMwh: Number(row.energy_mwh) },
    baselineMwh: row.baseline_mwh === null ? null : Number(row.baseline_mwh),
    ...{ ratio: row.ratio!, deviationW: row.deviation_w!, z: row.z!, rollingWh: row.rolling_wh! },
    isException: row.is_exception,
  }
}

function readingOf({ meter, start_ms, duration_s, energy_mwh }: CountingReading): Reading {
  return {
    meter: meter as MeterId,
    startMs: start_ms,
    durationS: duration_s,
    energyMwh: energyMwh(energy_mwh),
    powerW: null,
    reactiveVar: null,
    quality: quality.measured,
    revision: 0,
    ...stated,
  }
}

/** The intervals of groups that a row may be part of. */
function intervalsOf({ meters }: World, row: Deviation): string[] {
  return [...planGroups(meters).values()].map(({ group, grid }) => {
    return keyOf(group, intervalAt(grid, row.startMs).startMs)
  })
}

function keyOf(name: string, startMs: EpochMs): string {
  return `${name} ${isoUtc(startMs)}`
}

function sorted<T>(map: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...map].sort(([left], [right]) => (left < right ? -1 : 1)))
}

function isSame(left: Deviation, right: Deviation | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

/** A pseudo-random number (xorshift-multiply) of its arguments. */
function scatter(seed: number, index: number): number {
  let value = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d) >>> 0
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39) >>> 0
  return (value ^ (value >>> 15)) >>> 0
}
