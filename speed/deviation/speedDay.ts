import { createColumns, type DayColumns } from '../../schemas/deviation/dayState.ts'
import { type DayGrid, gridOfDay } from '../../schemas/meter/grid.ts'
import type { DatedSteps } from '../../schemas/meter/step.ts'
import type { IntervalWords } from '../../schemas/reading/intervalWords.ts'
import type { TimeRange } from '../../schemas/time.ts'
import { type CellKernel, type CellMemory, openCells } from '../kernel/cellKernel.ts'
import { type ArrivalColumns, cellState, createArrival } from './arrival.ts'
import { emptyFrameWords, type FrameWords, type WordNames, wordBytes } from './frameWords.ts'
import { emptyRoom, type Room, roomIn } from './room.ts'

/**
 * The cells of some runs of the same slots, slot by slot: meters that report one after another have
 * cells that follow each other. A run is a lane of its block.
 */
export type RunBlock = Pick<DayGrid, 'stepS' | 'firstMs'> & {
  readonly day: SpeedDay
  /** See `MeterDay`. */
  readonly mayBeNegative: boolean
  /** The slots of its runs: the first one, and the one after the last. */
  readonly first: number
  readonly next: number
  /** How many runs. */
  readonly capacity: number
  readonly columns: DayColumns
  /** Null of few runs, whose columns are in no memory of the kernel's. */
  readonly kernel: CellKernel | null
  readonly arrival: ArrivalColumns
  readonly lanes: LaneColumns
}

/** `[lane]`: what the next reading of a run needs, so that no object of its meter is touched. */
export type LaneColumns = {
  /** In the roster. */
  readonly meter: Uint32Array
  /** Last slot of the run with a reading, -1 before the first. */
  readonly lastSlot: Int32Array
  /** First slot that the micro-batch being placed changes; `unchanged`: none. */
  readonly changedFrom: Int32Array
  /** 1: `MeterDay.offsets` has some. */
  readonly hasOffsets: Uint8Array
  /** 1: the meter has a later run in the day. */
  readonly hasLater: Uint8Array
  readonly days: MeterDay[]
}

/** After every slot. */
export const unchanged = 2 ** 31 - 1

/** The cells of consecutive slots of a meter's day: see `cellOf`. */
export type Run = { readonly block: RunBlock; readonly lane: number; readonly shift: number }

/** The day's baselines of one meter; that of a slot is at `slot + shift`. */
type Baselines = { readonly block: BaselineBlock; readonly shift: number }

type BaselineBlock = { readonly baselineMwh: Float64Array; readonly sigmaW: Float32Array }

/** What a day has of a meter. */
export type MeterDay = {
  readonly day: SpeedDay
  /** In the roster. */
  readonly meter: number
  /** The meter's kind allows negative values: see `computeDeviation`. */
  readonly mayBeNegative: boolean
  /** The first run of the day, which is the only one of half-hours; null without a reading. */
  first: Run | null
  /** The others, by number within the day; only those with a reading. */
  others: Map<number, Run> | null
  /** The one with the last reading. */
  last: Run | null
  baselines: Baselines | null
  /**
   * By slot, the words of intervals that had more than one, including the one that counts; such
   * intervals are rare, so they are kept outside the columns.
   */
  words: Map<number, IntervalWords> | null
  /** By slot with words, the log offset of what made another than the first count, or none. */
  offsets: Map<number, number> | null
}

/**
 * A local day of the meters of one zone and the same steps. Memory follows the readings: a day is
 * divided into runs of slots, and a meter has cells for those in which it has a reading. One
 * reading must cost neither a day of the whole roster nor the 86,400 s of a meter's day.
 */
export type SpeedDay = DayGrid & {
  readonly date: string
  readonly day: TimeRange
  /** Slots of a run; the day's last run may have some to spare. */
  readonly runSlots: number
  /** By the meter's index in the roster; only those with a reading or a baseline. */
  readonly meters: MeterDay[]
  readonly names: WordNames
  readonly words: FrameWords
  /** By number of the run. */
  readonly blocks: RunBlock[][]
  /** By number of the run and kind of the meter. */
  readonly rooms: Room<RunBlock>[]
  readonly baselineRoom: Room<BaselineBlock>
  readonly memory: CellMemory
  /** What the day takes, in cells of `cellBytes`. */
  cells: number
}

/** A day of half-hours fits in one run. */
const runSlotsMax = 64
/** Blocks of fewer runs are computed by the formula; the first ones of a day are so small. */
const kernelRunsMin = 16
/**
 * What a cell takes at most, bytes: 60 of `DayColumns`, 15 of `ArrivalColumns`, and an entry of
 * `FrameWords` where each frame has one reading.
 */
export const cellBytes = 60 + 15 + wordBytes
/** What a baseline takes while its slot has no cell, bytes: 8 and 4. */
const baselineBytes = 12
/** What the rest counts as, in cells, by measured bytes: 4 kB of a block and a day, and so on. */
export const cellsOf = { block: 50, meterDay: 4, run: 1, words: 6, word: 4 } as const

export function createSpeedDay(
  local: TimeRange & { date: string },
  steps: DatedSteps,
  names: WordNames,
): SpeedDay {
  const grid = gridOfDay(steps, local)
  const { stepS, firstMs, slots } = grid
  const { date, startMs, endMs } = local
  const runs = Math.max(1, Math.ceil(slots / runSlotsMax))
  return {
    stepS,
    firstMs,
    slots,
    endMs: grid.endMs,
    date,
    day: { startMs, endMs },
    runSlots: Math.max(1, Math.ceil(slots / runs)),
    meters: [],
    names,
    words: emptyFrameWords(),
    blocks: [],
    rooms: [],
    baselineRoom: emptyRoom(),
    memory: { latest: null },
    cells: 0,
  }
}

/**
 * What the day has of a meter; `day.cells` says what the day takes then.
 *
 * Without a spread, here as in all that is read once a reading: of an object that was made with one
 * it takes 25 times as long to read a property (Node 20; `deploy/bench/RESULTS.md`).
 */
export function openMeterDay(day: SpeedDay, meter: number, mayBeNegative = false): MeterDay {
  const known = day.meters[meter]
  if (known) return known
  const opened: MeterDay = {
    day,
    meter,
    mayBeNegative,
    first: null,
    others: null,
    last: null,
    baselines: null,
    words: null,
    offsets: null,
  }
  day.meters[meter] = opened
  day.cells += cellsOf.meterDay
  return opened
}

/** What a day has of its meters, in the order of the roster. */
export function openMeterDays({ meters }: SpeedDay): MeterDay[] {
  // Without those that the list leaves out.
  return meters.filter(() => true)
}

/** The last slot with a reading, -1 before the first. */
export function lastSlotOf({ last }: MeterDay): number {
  return last ? last.block.lanes.lastSlot[last.lane]! : -1
}

/** The run of a slot, if the meter has a reading in it. */
export function findRun({ day, first, others }: MeterDay, slot: number): Run | null {
  if (slot < day.runSlots) return first
  return others?.get(Math.floor(slot / day.runSlots)) ?? null
}

/** The cell of a slot of a run. */
export function cellOf({ block, shift }: Run, slot: number): number {
  return slot * block.capacity + shift
}

/** Whether something was said about a slot of a run. */
export function hasWord(run: Run, slot: number): boolean {
  return run.block.arrival.state[cellOf(run, slot)] !== cellState.none
}

/** First slot of the run that contains a slot, and of the next one. */
export function runOf({ runSlots }: SpeedDay, slot: number): { first: number; next: number } {
  const first = slot - (slot % runSlots)
  return { first, next: first + runSlots }
}

/** The cells of a run that has none, with its baselines. */
export function openRun(at: MeterDay, slot: number): Run {
  const { day, baselines } = at
  const { runSlots } = day
  const { first } = runOf(day, slot)
  const number = first / runSlots
  const room = roomOf(day, 2 * number + (at.mayBeNegative ? 1 : 0))
  const block = roomIn(room, (runs) => {
    day.cells += cellsOf.block + (runSlots + cellsOf.run) * runs
    const created = createBlock(at, first, runs)
    day.blocks[number] ??= []
    day.blocks[number].push(created)
    return created
  })
  const lane = room.taken - 1
  const run: Run = { block, lane, shift: lane - first * block.capacity }
  block.lanes.meter[lane] = at.meter
  block.lanes.days[lane] = at
  if (first === 0) at.first = run
  else {
    at.others ??= new Map()
    at.others.set(number, run)
  }
  const { last } = at
  if (!last || last.block.first < first) at.last = run
  const earlier = at.last === run ? last : run
  if (earlier) earlier.block.lanes.hasLater[earlier.lane] = 1
  if (!baselines) return run
  const { baselineMwh, sigmaW } = baselines.block
  for (let each = first; each < block.next; each++) {
    const cell = cellOf(run, each)
    block.columns.baselineMwh[cell] = baselineMwh[each + baselines.shift]!
    block.columns.sigmaW[cell] = sigmaW[each + baselines.shift]!
  }
  return run
}

/** The log offset of the word that counts, or of what made it count. */
export function offsetOf({ day, offsets }: MeterDay, run: Run, slot: number): number {
  const { word } = run.block.arrival
  return offsets?.get(slot) ?? day.words.columns.offset[word[cellOf(run, slot)]!]!
}

/** Keeps a published baseline; before the slot's first reading. */
export function setBaseline(
  at: MeterDay,
  { slot, baselineMwh, sigmaW }: { slot: number; baselineMwh: number; sigmaW: number },
): void {
  const { day } = at
  const { block, shift } = at.baselines ?? openBaselines(day)
  at.baselines = { block, shift }
  block.baselineMwh[slot + shift] = baselineMwh
  block.sigmaW[slot + shift] = sigmaW
}

function openBaselines(day: SpeedDay): Baselines {
  const { slots, baselineRoom } = day
  const block = roomIn(baselineRoom, (meters) => {
    day.cells += Math.ceil((slots * meters * baselineBytes) / cellBytes)
    return {
      baselineMwh: new Float64Array(slots * meters).fill(Number.NaN),
      sigmaW: new Float32Array(slots * meters).fill(Number.NaN),
    }
  })
  return { block, shift: (baselineRoom.taken - 1) * slots }
}

function roomOf({ rooms }: SpeedDay, index: number): Room<RunBlock> {
  rooms[index] ??= emptyRoom()
  return rooms[index]
}

function createBlock({ day, mayBeNegative }: MeterDay, first: number, runs: number): RunBlock {
  const { stepS, firstMs, runSlots, slots } = day
  const own = { slots: runSlots, capacity: runs, stepS, mayBeNegative }
  const many = runs < kernelRunsMin ? null : openCells(day.memory, own)
  return {
    stepS,
    firstMs,
    day,
    mayBeNegative,
    first,
    next: Math.min(first + runSlots, slots),
    capacity: runs,
    columns: many?.columns ?? createColumns(runSlots * runs),
    kernel: many?.kernel ?? null,
    arrival: createArrival(runSlots * runs),
    lanes: {
      meter: new Uint32Array(runs),
      lastSlot: new Int32Array(runs).fill(-1),
      changedFrom: new Int32Array(runs).fill(unchanged),
      hasOffsets: new Uint8Array(runs),
      hasLater: new Uint8Array(runs),
      days: [],
    },
  }
}
