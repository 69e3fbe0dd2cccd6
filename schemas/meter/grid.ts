import { type EpochMs, type LocalDay, localDayOf, type TimeRange } from '../time.ts'
import { type DatedSteps, stepAt } from './step.ts'

/** What decides where intervals start: of a meter, or of a group of meters. */
export type Grid = {
  /** IANA zone. */
  readonly zone: string
  readonly steps: DatedSteps
}

/**
 * The intervals that start within a local day: slot `k` starts at `firstMs` + k × step and is a
 * step long, but for the last one, which ends where the next day's first one starts.
 *
 * So the intervals of all days follow each other without a gap, and each starts within its own day.
 * Where a day is no multiple of the step, the rest is part of the last interval: an hourly meter's
 * day of 23.5 h (Australia/Lord_Howe) ends with 1.5 h, and a daily meter has intervals of 23 and
 * 25 h. Cut off, the rest would be an interval that no meter measures, such as the 25th hour of a
 * daily one; put where the clock changes, it would make slots differ from day to day.
 */
export type DayGrid = {
  readonly stepS: number
  readonly firstMs: EpochMs
  /** At least one. */
  readonly slots: number
  /** End of the last slot. */
  readonly endMs: EpochMs
}

export function gridOfDay(steps: DatedSteps, day: TimeRange): DayGrid {
  const { intervalS: stepS, gridOffsetS } = stepAt(steps, day.startMs)
  const slots = Math.floor((day.endMs - day.startMs) / (stepS * 1000))
  return {
    stepS,
    firstMs: day.startMs + gridOffsetS * 1000,
    slots: Math.max(1, slots),
    endMs: day.endMs + stepAt(steps, day.endMs).gridOffsetS * 1000,
  }
}

/** The slot that starts at an instant, or -1 when none does. */
export function slotOf({ stepS, firstMs, slots }: DayGrid, startMs: EpochMs): number {
  const slot = (startMs - firstMs) / (stepS * 1000)
  return Number.isInteger(slot) && slot >= 0 && slot < slots ? slot : -1
}

export function slotStartMs(
  { stepS, firstMs }: Pick<DayGrid, 'stepS' | 'firstMs'>,
  slot: number,
): EpochMs {
  return firstMs + slot * stepS * 1000
}

export function slotLengthMs(grid: DayGrid, slot: number): number {
  const { stepS, slots, endMs } = grid
  return slot < slots - 1 ? stepS * 1000 : endMs - slotStartMs(grid, slot)
}

/** Starts of the slots that are a step long: all, or all but the last. */
export function wholeStarts(grid: DayGrid): EpochMs[] {
  const { stepS, slots } = grid
  const isLastWhole = slotLengthMs(grid, slots - 1) === stepS * 1000
  const length = isLastWhole ? slots : slots - 1
  return Array.from({ length }, (_, slot) => slotStartMs(grid, slot))
}

/** The day whose slots contain an instant, from `firstMs` to `endMs`. */
export function dayGridAt({ zone, steps }: Grid, ms: EpochMs): DayGrid {
  const day = localDayOf(ms, zone)
  const own = gridOfDay(steps, day)
  return ms < own.firstMs ? gridOfDay(steps, dayBefore(day, zone)) : own
}

/** The interval that contains an instant. */
export function intervalAt(of: Grid, ms: EpochMs): TimeRange {
  const grid = dayGridAt(of, ms)
  const slot = Math.min(Math.floor((ms - grid.firstMs) / (grid.stepS * 1000)), grid.slots - 1)
  const isLast = slot === grid.slots - 1
  const endMs = isLast ? grid.endMs : slotStartMs(grid, slot + 1)
  return { startMs: slotStartMs(grid, slot), endMs }
}

/** Whether an interval of the grid is a step long; only those have baselines and are summed. */
export function isWhole({ steps }: Pick<Grid, 'steps'>, { startMs, endMs }: TimeRange): boolean {
  return endMs - startMs === stepAt(steps, startMs).intervalS * 1000
}

/** Whether the grid has an interval from an instant on that is as long. */
export function isOnGrid(grid: Grid, startMs: EpochMs, durationS: number): boolean {
  const own = intervalAt(grid, startMs)
  return own.startMs === startMs && own.endMs - startMs === durationS * 1000
}

/** The start of an interval, or of the next one where an instant is within it. */
export function startFrom(grid: Grid, ms: EpochMs): EpochMs {
  const { startMs, endMs } = intervalAt(grid, ms)
  return startMs === ms ? ms : endMs
}

/** The earliest start of an interval that contains an instant. */
export function earliestStart(grids: Iterable<Grid>, ms: EpochMs): EpochMs {
  let earliest = ms
  // A fleet has few grids: each is looked up once.
  const seen = new Set<string>()
  for (const { zone, steps } of grids) {
    const name = `${zone} ${JSON.stringify(steps)}`
    if (seen.has(name)) continue
    seen.add(name)
    earliest = Math.min(earliest, intervalAt({ zone, steps }, ms).startMs)
  }
  return earliest
}

function dayBefore(day: LocalDay, zone: string): LocalDay {
  return localDayOf(day.startMs - 1, zone)
}
