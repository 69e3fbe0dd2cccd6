import fc from 'fast-check'
import { expect, test } from 'vitest'
import { computeDeviation } from '../../schemas/deviation/computeDeviation.ts'
import { createDayState, type DayColumns } from '../../schemas/deviation/dayState.ts'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { partitionOf } from '../../schemas/ids.ts'
import { slotStartMs } from '../../schemas/meter/grid.ts'
import { memberOf } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { columnsOf, noColumns } from '../../schemas/reading/frame.ts'
import { quality, type Reading } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { sumInterval } from '../deviation/fillSums.ts'
import { cellOf, findRun, hasWord, lastSlotOf, openMeterDays } from '../deviation/speedDay.ts'
import { finishSum } from '../deviation/sumSpeedGroup.ts'
import { blocksOf, cellsOfKernel } from '../testing/cellsOfKernel.ts'
import { liveRows, sumRows } from '../testing/publishedRows.ts'
import { sumOfSites } from '../testing/sumOfSites.ts'
import { advanceChanges, computeChanges } from './advanceChanges.ts'
import { createBacklog } from './createBacklog.ts'
import type { ReadRecord } from './decodeRecord.ts'
import { processRecords } from './processRecords.ts'
import { findDay } from './roster.ts'
import { type BaselineRow, createSpeedState, type SpeedState, setBaselines } from './speedState.ts'

/**
 * Many meters at once are computed by vectors, few by the formula (`computeBlock`), and placed
 * without or with their objects (`placeNext`, `placeRow`): all leave the same bytes.
 */
const partitions = 2
/** Ordinary, of 23 and of 25 hours in London. */
const dates = ['2013-02-11', '2013-03-31', '2013-10-27']
const zones = ['Europe/London', 'Asia/Kathmandu']
/** A slot of them is more than one frame, and more lanes than the formula takes. */
const rowsOfFrame = 15

/** Enough that blocks have more lanes than the formula takes: they double from one on. */
const meters: readonly Meter[] = [
  ...fleet('h', 90, { intervalS: 1_800 }),
  ...fleet('n', 64, { intervalS: 1_800, kind: 'net' }),
  ...fleet('o', 40, { intervalS: 3_600 }),
  // Their days have two runs, five and twenty-three.
  ...fleet('q', 90, { intervalS: 900 }),
  ...fleet('f', 40, { intervalS: 300 }),
  ...fleet('m', 40, { intervalS: 60 }),
]

function fleet(name: string, count: number, part: Pick<Partial<Meter>, 'intervalS' | 'kind'>) {
  return Array.from({ length: count }, (_, index) => {
    const groups = [memberOf(`G${index % 2}`), memberOf(`feeder:${name}`)]
    // Some sites have two meters.
    const site = `${name}${index % 10 === 9 ? index - 1 : index}`
    const zone = zones[index % 5 === 0 ? 1 : 0]!
    return aMeter({ meter: `${name}${index}`, site, zone, groups, ...part })
  })
}

const some = fc.record({
  meter: fc.nat(meters.length - 1),
  /** Slots before the newest one. */
  ago: fc.constantFrom(0, 0, 1, 2, 3, 7, 40),
  wh: fc.integer({ min: -2_000, max: 3_000 }),
  isVoid: fc.boolean(),
  ingest: fc.constantFrom('', 'file'),
  isMisaligned: fc.boolean(),
})
const step = fc.oneof(
  // The next slot of all, less one in so many.
  { weight: 6, arbitrary: fc.record({ skip: fc.constantFrom(1, 1, 1, 1, 4), lost: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.array(some, { minLength: 1, maxLength: 30 }) },
  { weight: 1, arbitrary: fc.constant('withdrawal' as const) },
)
const drawn = fc.record({
  // The second has not room for all of them: days are spilled, those of minutes first.
  cellsMax: fc.constantFrom(1_000_000, 1_000_000, 12_000),
  date: fc.constantFrom(...dates),
  fromSlot: fc.constantFrom(0, 1, 43, 46),
  steps: fc.array(step, { minLength: 1, maxLength: 14 }),
  steadily: fc.boolean(),
})

test('many meters at once have the bytes of a few at a time, and of the formula', () => {
  const seen = { byKernel: 0, spilled: 0, sums: 0 }
  fc.assert(
    fc.property(drawn, ({ steadily, ...given }) => {
      const batches = batchesOf(given)
      const [once, each, silent] = [freshState(given), freshState(given), freshState(given)]
      const [shown, plain] = [createTables(), createTables()]
      for (const records of batches) {
        shown.put(once, publish(once, records))
        for (const record of records) plain.put(each, publish(each, [forgotten(record)]))
        // A replay takes any number of them at once.
        if (steadily) computeChanges(silent, processRecords(silent, records).changes)
      }
      if (!steadily) computeChanges(silent, processRecords(silent, batches.flat()).changes)
      expect(backlogOf(silent)).toEqual(backlogOf(each))
      expect(backlogOf(once)).toEqual(backlogOf(each))
      // What was shown of a day that was spilled since stays.
      if (once.spilled) seen.spilled += 1
      else {
        expect(shown.rows()).toEqual(plain.rows())
        expect(backlogOf(silent)).toEqual(plain.rows())
      }
      expectFormula(once)
      seen.byKernel += cellsOfKernel(once)
      seen.sums += expectSums(once)
    }),
    { numRuns: 10 },
  )
  for (const [name, count] of Object.entries(seen)) expect(count, name).toBeGreaterThan(0)
})

type Step = { skip: number; lost: number } | Some[] | 'withdrawal'
type Some = {
  meter: number
  ago: number
  wh: number
  isVoid: boolean
  ingest: string
  isMisaligned: boolean
}

type Given = { date: string; cellsMax: number; fromSlot: number; steps: readonly Step[] }

/** A micro-batch a step. */
function batchesOf(given: Given) {
  let slot = given.fromSlot
  let offset = 0
  return given.steps.map((step, at): ReadRecord[] => {
    const place = (partition: number) => ({ partition, offset: offset++, loggedMs: at })
    if (step === 'withdrawal') {
      const act = { kind: 'withdrawal', ingest: 'file' } as const
      const bare = { columns: noColumns, act, isFrame: true }
      return Array.from({ length: partitions }, (_, partition) => ({
        ...place(partition),
        ...bare,
      }))
    }
    if (!Array.isArray(step)) slot += step.skip
    const readings = Array.isArray(step)
      ? step.map((each) => ({ ...each, slot: slot - each.ago }))
      : meters.flatMap((_, meter) => {
          const isLost = step.lost > 0 && meter % step.lost === 1
          const wh = ((meter * 7_919 + slot * 1_047) % 2_500) - (meter % 3) * 100
          const usual = { isVoid: false, ingest: '', isMisaligned: false }
          return isLost ? [] : [{ meter, slot, wh, ...usual }]
        })
    const known = readings.filter((each) => each.slot >= 0)
    return framesOf(known.map((each) => readingOf(given.date, each))).map((columns) => {
      const partition = partitionOf(columns.roster[columns.meter[0]!]!, partitions)
      return { ...place(partition), columns, act: null, isFrame: true }
    })
  })
}

/** Frames as a gateway sends them: of one partition and ingest, and with the list of all meters. */
function framesOf(readings: readonly Reading[]) {
  const parts = new Map<string, Reading[]>()
  for (const reading of readings) {
    const name = `${partitionOf(reading.meter, partitions)} ${reading.ingest}`
    parts.set(name, [...(parts.get(name) ?? []), reading])
  }
  return [...parts.values()].flatMap((own) => {
    const frames = Math.ceil(own.length / rowsOfFrame)
    return Array.from({ length: frames }, (_, frame) => {
      const rows = own.slice(frame * rowsOfFrame, (frame + 1) * rowsOfFrame)
      const meter = Uint32Array.from(rows, (row) => listed.indexOf(row.meter))
      return { ...columnsOf(rows), roster: listed, meter }
    })
  })
}

const listed = meters.map(({ meter }) => meter)

/** With a list of its own: nothing was looked up before. */
function forgotten(record: ReadRecord): ReadRecord {
  return { ...record, columns: { ...record.columns, roster: [...record.columns.roster] } }
}

function readingOf(
  date: string,
  { meter, slot, wh, isMisaligned, ...said }: Omit<Some, 'ago'> & { slot: number },
): Reading {
  const { meter: id, zone, intervalS, kind } = meters[meter]!
  const energyWh = kind === 'net' ? wh : Math.abs(wh)
  return {
    meter: id,
    startMs: localDayNamed(date, zone).startMs + slot * intervalS * 1000,
    durationS: isMisaligned ? 2 * intervalS : intervalS,
    ...{ powerW: null, reactiveVar: null, quality: quality.measured, revision: 0, ...stated },
    ...said,
    energyMwh: energyMwh(said.isVoid ? 0 : energyWh * 1_000),
  }
}

function freshState({ date, cellsMax }: Given): SpeedState {
  const options = { ...deviationDefaults, latenessS: 3_600, cellsMax }
  const highWaterMs = localDayNamed(date, zones[0]!).startMs
  const given = { generation: 1, revision: 0, highWaterMs, partitions, options }
  const state = createSpeedState({ ...given, meters })
  setBaselines(
    state,
    meters.flatMap((meter, index) => baselinesOf(meter, index, date)),
  )
  return state
}

/** Some meters have none, and some not in every slot. */
function baselinesOf({ meter, zone, intervalS, kind }: Meter, index: number, date: string) {
  const { startMs, endMs } = localDayNamed(date, zone)
  // More slots than are drawn.
  const ofDay = Math.min(120, (endMs - startMs) / (intervalS * 1000))
  const slots = index % 9 === 4 ? 0 : ofDay
  const rows = Array.from({ length: slots }, (_, slot): BaselineRow => {
    const sign = kind === 'net' && slot % 3 === 0 ? -1 : 1
    const value = { baselineMwh: sign * (900_000 + 1_000 * index + slot), sigmaW: slot % 5 }
    return { meter, startMs: startMs + slot * intervalS * 1000, durationS: intervalS, ...value }
  })
  return rows.filter((_, slot) => (index + slot) % 17 !== 0)
}

/** All that a state has. */
function backlogOf(state: SpeedState) {
  const kept = createTables()
  for (const piece of createBacklog(state)) kept.put(state, piece)
  return kept.rows()
}

function publish(state: SpeedState, records: readonly ReadRecord[]) {
  return advanceChanges(state, processRecords(state, records).changes)
}

type Row = Readonly<Record<string, unknown>> & { readonly version: bigint }

/** As the store keeps them: of equal keys the row with the largest version. */
function createTables() {
  const table = new Map<string, Row>()
  const put = (name: string, row: Row) => {
    const known = table.get(name)
    if (!known || known.version <= row.version) table.set(name, row)
  }
  return {
    put(state: SpeedState, { deviations, groups }: ReturnType<typeof advanceChanges>) {
      for (const row of liveRows(state, deviations)) {
        put(`${row.meter} ${row.start}`, row as unknown as Row)
      }
      for (const row of sumRows(state, groups)) {
        put(`group ${row.group_id} ${row.start}`, row as unknown as Row)
      }
    },
    /** What readers see: a sum without members is none, and some cuttings have never said so. */
    rows: () =>
      [...table]
        .filter(([, { members }]) => members !== 0)
        .sort(([left], [right]) => (left < right ? -1 : 1)),
  }
}

/** Every cell with a word has what the formula gives for the whole day at once. */
function expectFormula(state: SpeedState): void {
  for (const roster of state.rosters.values()) {
    for (const day of roster.days.values()) {
      for (const at of openMeterDays(day)) {
        const whole = createDayState(day, 1)
        const words: { slot: number; found: Record<string, number> }[] = []
        for (let slot = 0; slot < day.slots; slot++) {
          const run = findRun(at, slot)
          if (!run) continue
          const { columns } = run.block
          for (const name of ['energyMwh', 'durationS', 'baselineMwh', 'sigmaW'] as const) {
            whole.columns[name][slot] = columns[name][cellOf(run, slot)]!
          }
          if (hasWord(run, slot)) words.push({ slot, found: valuesAt(columns, cellOf(run, slot)) })
        }
        whole.lastSlot[0] = lastSlotOf(at)
        const { mayBeNegative } = at
        computeDeviation(whole, state.options, { meter: 0, fromSlot: 0, mayBeNegative })
        for (const { slot, found } of words) {
          const name = `${roster.members[at.meter]!.meter} ${slotStartMs(day, slot)}`
          expect(found, name).toEqual(valuesAt(whole.columns, slot))
        }
      }
    }
  }
}

/** The sums of all slots of all groups, by their lanes, are those of their sites. */
function expectSums(state: SpeedState): number {
  let members = 0
  const starts = new Set<number>()
  for (const block of blocksOf(state)) {
    for (let slot = block.first; slot < block.next; slot++) starts.add(slotStartMs(block, slot))
  }
  for (const group of state.groups.values()) {
    for (const startMs of starts) {
      const sum = finishSum(sumInterval(group, startMs, findDay))
      expect(sum).toEqual(sumOfSites(group, startMs))
      members += sum?.members ?? 0
    }
  }
  return members
}

function valuesAt(columns: DayColumns, cell: number): Record<string, number> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[cell]!]))
}
