import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { type Grid, isOnGrid } from '../../schemas/meter/grid.ts'
import { decodeColumns } from '../../schemas/reading/frame.ts'
import { type ReadingColumns, valueAt } from '../../schemas/reading/readingColumns.ts'
import type { RosterOf } from '../../schemas/reading/roster.ts'
import type { SaidBy } from './judgeDraft.ts'
import { ingestLimits } from './limits.ts'
import { noGrid, type RosterGrids } from './rosterGrids.ts'

export type JudgeColumnsParameters = {
  readonly nowMs: number
  /** Set by the request; otherwise by the frame itself. */
  readonly by: SaidBy
  readonly gridsOf: (roster: readonly MeterId[]) => RosterGrids
  readonly rosterOf?: RosterOf
}

/**
 * The columns of a frame that was sent, if all of its rows are readings that their meters can have;
 * null where one of them may not be, or something wants a closer look. Then each row is judged by
 * itself (`judgeDraft`, `judgeMeter`), with the same result for the good ones.
 */
export function judgeColumns(
  body: Uint8Array,
  parameters: JudgeColumnsParameters,
): ReadingColumns | null {
  const columns = decodeOrNull(body, parameters.rosterOf)
  if (!columns || columns.rows === 0) return null
  const { source, ingest } = columns
  const { by } = parameters
  const isGood = areNumbersGood(columns, parameters) && areMetersGood(columns, parameters)
  if (!isGood) return null
  // Usually the frame sets it, or nothing does: an object made by a spread is slow to read.
  if (by.source === '' && by.ingest === '') return columns
  return { ...columns, source: by.source || source, ingest: by.ingest || ingest }
}

/** Null of what is no frame, or has no energies: a mean power may be converted. */
function decodeOrNull(body: Uint8Array, rosterOf?: RosterOf): ReadingColumns | null {
  try {
    const { columns, act } = decodeColumns(body, rosterOf)
    return act ? null : columns
  } catch (error) {
    if (error instanceof InvalidArgumentError) return null
    throw error
  }
}

const { powerWMax, durationSMax, startMsMin, futureMsMax, saidAheadMsMax } = ingestLimits

function areNumbersGood(columns: ReadingColumns, { nowMs }: JudgeColumnsParameters): boolean {
  const { t0Ms, dtS, durationS, energyMwh, powerW, reactiveVar, saidAtMs, isVoid } = columns
  const isPlausible = (value: number) => !(Math.abs(value) > powerWMax)
  // 0: the source does not say.
  const isSaid = (ms: number) => ms === 0 || (ms >= startMsMin && ms <= nowMs + saidAheadMsMax)
  if (!isVoid.every((value) => value === 0) || !saidAtMs.every(isSaid)) return false
  if (!powerW.every(isPlausible) || !reactiveVar.every(isPlausible)) return false
  if (!Number.isSafeInteger(t0Ms)) return false
  for (let row = 0; row < columns.rows; row++) {
    const seconds = durationS.length === 1 ? durationS[0]! : durationS[row]!
    const startMs = t0Ms + 1000 * (dtS.length === 1 ? dtS[0]! : dtS[row]!)
    const energy = energyMwh.length === 1 ? energyMwh[0]! : energyMwh[row]!
    const isLong = seconds >= 1 && seconds <= durationSMax
    const isTimely = startMs >= startMsMin && startMs + seconds * 1000 <= nowMs + futureMsMax
    if (!isLong || !isTimely || !(Math.abs(energy) * 3.6 < powerWMax * seconds)) return false
  }
  return true
}

function areMetersGood(columns: ReadingColumns, { gridsOf }: JudgeColumnsParameters): boolean {
  const { rows, roster, meter, t0Ms, dtS, durationS } = columns
  const { grids, gridAt, canBeNegative } = gridsOf(roster)
  const hasNegative = hasNegativeValue(columns)
  const memory = grids.map(openGridMemory)
  let lastPlace = noGrid
  let lastDtS = 0
  let lastS = 0
  for (let row = 0; row < rows; row++) {
    const index = meter.length === 1 ? meter[0]! : meter[row]!
    const place = gridAt[index]!
    if (place === noGrid) return false
    if (hasNegative && canBeNegative[index] === 0 && isNegative(columns, row)) return false
    const dt = dtS.length === 1 ? dtS[0]! : dtS[row]!
    const seconds = durationS.length === 1 ? durationS[0]! : durationS[row]!
    if (place === lastPlace && dt === lastDtS && seconds === lastS) continue
    if (!memory[place]!(t0Ms + 1000 * dt, seconds)) return false
    lastPlace = place
    lastDtS = dt
    lastS = seconds
  }
  return true
}

/** Mostly nothing is, and then no row need be looked at. */
function hasNegativeValue({ energyMwh, powerW }: ReadingColumns): boolean {
  for (let row = 0; row < energyMwh.length; row++) if (energyMwh[row]! < 0) return true
  for (let row = 0; row < powerW.length; row++) if (powerW[row]! < 0) return true
  return false
}

function isNegative({ energyMwh, powerW }: ReadingColumns, row: number): boolean {
  return valueAt(energyMwh, row) < 0 || valueAt(powerW, row) < 0
}

/** Which intervals are on a grid: a frame has few, and a calendar is slow. */
function openGridMemory(grid: Grid) {
  const known = new Map<number, Set<number>>()
  return (startMs: number, seconds: number): boolean => {
    const starts = known.get(seconds) ?? new Set<number>()
    known.set(seconds, starts)
    if (!starts.has(startMs) && !isOnGrid(grid, startMs, seconds)) return false
    starts.add(startMs)
    return true
  }
}
