import { createColumns, type DayColumns } from '../../schemas/deviation/dayState.ts'
import { type DayGrid, gridOfDay } from '../../schemas/meter/grid.ts'
import type { DatedSteps } from '../../schemas/meter/step.ts'
import type { IntervalWords } from '../../schemas/reading/intervalWords.ts'
import type { TimeRange } from '../../schemas/time.ts'
import type { NameTable } from './nameTable.ts'

/**
 * Whether a cell has a word, and which: a void one and a withdrawn one leave the interval missing.
 */
export const cellState = { none: 0, value: 1, void: 2, withdrawn: 3 } as const

/** Names of sources and of ingests, which the words of all days share. */
export type WordNames = { readonly sources: NameTable; readonly ingests: NameTable }

/** What a cell keeps of the word that counts, besides the inputs of the formula. */
export type ArrivalColumns = {
  /** `cellState` */
  readonly state: Uint8Array
  readonly powerW: Float32Array
  readonly reactiveVar: Float32Array
  readonly quality: Uint8Array
  readonly standing: Uint8Array
  readonly revision: Uint32Array
  /** NaN: the source does not say. */
  readonly saidAtMs: Float64Array
  readonly loggedMs: Float64Array
  /** In the day's name tables. */
  readonly source: Uint32Array
  readonly ingest: Uint32Array
  /** Row of the frame. */
  readonly index: Uint32Array
  /** Log offset of the word that counts, or of the act that made it count. */
  readonly offset: Float64Array
  /** The largest `offset` of all slots up to this one: the row depends on no later record. */
  readonly rowOffset: Float64Array
}

/** The cells of some runs, one run after another; a cell is that of slot `cell - shift`. */
export type RunBlock = Pick<DayGrid, 'stepS' | 'firstMs'> & {
  /** As of a day of one meter: its cells follow each other. */
  readonly capacity: 1
  readonly columns: DayColumns
  readonly arrival: ArrivalColumns
}

/** The cells of consecutive slots of a meter's day: that of a slot is `slot + shift`. */
export type Run = { readonly block: RunBlock; readonly shift: number }

/** The day's baselines of one meter; that of a slot is at `slot + shift`. */
type Baselines = { readonly block: BaselineBlock; readonly shift: number }

type BaselineBlock = { readonly baselineMwh: Float64Array; readonly sigmaW: Float32Array }

/** What a day has of a meter. */
export type MeterDay = {
  readonly day: SpeedDay
  /** By number within the day; only those with a reading. */
  readonly runs: Map<number, Run>
  baselines: Baselines | null
  /** Last slot with a reading, -1 before the first. */
  lastSlot: number
  /**
   * By slot, the words of intervals that had more than one, including the one that counts; such
   * intervals are rare, so they are kept outside the columns.
   */
  words: Map<number, IntervalWords> | null
  /** How many words of a slot are counted in `day.cells`. */
  readonly wordsKept: Map<number, number>
  /** Its change in the micro-batch that is being processed. */
  change: { fromSlot: number } | null
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
  /** By the meter's index in the roster, in the order of their first reading or baseline. */
  readonly meters: Map<number, MeterDay>
  readonly names: WordNames
  readonly room: Room<RunBlock>
  readonly baselineRoom: Room<BaselineBlock>
  /** What the day takes, in cells of `cellBytes`. */
  cells: number
}

/** The block that still has room for some of its kind, how many it has and how many are taken. */
type Room<Block> = { block: Block | null; size: number; taken: number; total: number }

/** Of a day of half-hours: one run. */
const runSlotsMax = 64
/** Blocks double up to this many runs, so that at most half of the cells of a day are unused. */
const blockRunsMax = 64
/** What a cell of a block takes, bytes: 60 of `DayColumns` and 59 of `ArrivalColumns`. */
export const cellBytes = 119
/** What a baseline takes while its slot has no cell, bytes: 8 and 4. */
const baselineBytes = 12
/** What the rest counts as, in cells, by measured bytes: 4 kB of a block and a day, and so on. */
export const cellsOf = {
  ...{ block: 50, meterDay: 4, run: 1 },
  ...{ words: 6, word: 4 },
} as const

export function createSpeedDay(
  local: TimeRange & { date: string },
  steps: DatedSteps,
  names: WordNames,
): SpeedDay {
  const grid = gridOfDay(steps, local)
  const { slots } = grid
  const { date, startMs, endMs } = local
  const runs = Math.max(1, Math.ceil(slots / runSlotsMax))
  return {
    ...{ ...grid, date, day: { startMs, endMs } },
    runSlots: Math.max(1, Math.ceil(slots / runs)),
    ...{ meters: new Map(), names, cells: 0 },
    ...{ room: emptyRoom(), baselineRoom: emptyRoom() },
  }
}

/** What the day has of a meter; `day.cells` says what the day takes then. */
export function openMeterDay(day: SpeedDay, meter: number): MeterDay {
  const known = day.meters.get(meter)
  if (known) return known
  const opened: MeterDay = {
    ...{ day, runs: new Map(), baselines: null, lastSlot: -1 },
    ...{ words: null, wordsKept: new Map(), change: null },
  }
  day.meters.set(meter, opened)
  day.cells += cellsOf.meterDay
  return opened
}

/** The run of a slot, if the meter has a reading in it. */
export function findRun({ day, runs }: MeterDay, slot: number): Run | undefined {
  return runs.get(Math.floor(slot / day.runSlots))
}

/** Whether something was said about a slot of a run. */
export function hasWord({ block, shift }: Run, slot: number): boolean {
  return block.arrival.state[slot + shift] !== cellState.none
}

/** First slot of the run that contains a slot, and of the next one. */
export function runOf({ runSlots }: SpeedDay, slot: number): { first: number; next: number } {
  const first = slot - (slot % runSlots)
  return { first, next: first + runSlots }
}

/** The cells of a run that has none, with its baselines. */
export function openRun(at: MeterDay, slot: number): Run {
  const { day, baselines } = at
  const { runSlots, room } = day
  const block = roomIn(room, (runs) => {
    day.cells += cellsOf.block + (runSlots + cellsOf.run) * runs
    return createBlock(day, runs)
  })
  const { first, next } = runOf(day, slot)
  const run: Run = { block, shift: (room.taken - 1) * runSlots - first }
  at.runs.set(first / runSlots, run)
  if (!baselines) return run
  for (let each = first; each < Math.min(next, day.slots); each++) {
    const { baselineMwh, sigmaW } = baselines.block
    block.columns.baselineMwh[each + run.shift] = baselineMwh[each + baselines.shift]!
    block.columns.sigmaW[each + run.shift] = sigmaW[each + baselines.shift]!
  }
  return run
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

function emptyRoom<Block>(): Room<Block> {
  return { block: null, size: 0, taken: 0, total: 0 }
}

/** A block in which one more is taken. */
function roomIn<Block>(room: Room<Block>, create: (size: number) => Block): Block {
  if (!room.block || room.taken === room.size) {
    room.size = Math.min(blockRunsMax, Math.max(1, room.total))
    room.block = create(room.size)
    room.taken = 0
  }
  room.taken += 1
  room.total += 1
  return room.block
}

function createBlock({ stepS, firstMs, runSlots }: SpeedDay, runs: number): RunBlock {
  const cells = runSlots * runs
  const columns = createColumns(cells)
  return { stepS, firstMs, capacity: 1, columns, arrival: createArrival(cells) }
}

function createArrival(cells: number): ArrivalColumns {
  const f64 = () => new Float64Array(cells).fill(Number.NaN)
  const f32 = () => new Float32Array(cells).fill(Number.NaN)
  return {
    powerW: f32(),
    reactiveVar: f32(),
    state: new Uint8Array(cells),
    quality: new Uint8Array(cells),
    standing: new Uint8Array(cells),
    revision: new Uint32Array(cells),
    saidAtMs: f64(),
    loggedMs: f64(),
    source: new Uint32Array(cells),
    ingest: new Uint32Array(cells),
    index: new Uint32Array(cells),
    offset: f64(),
    rowOffset: f64(),
  }
}
