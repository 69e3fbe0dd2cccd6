import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { type Grid, isOnGrid } from '../../schemas/meter/grid.ts'
import { mayBeNegative } from '../../schemas/meter/kind.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { decodeColumns } from '../../schemas/reading/frame.ts'
import type { ReadingColumns } from '../../schemas/reading/readingColumns.ts'
import type { RosterOf } from '../../schemas/reading/roster.ts'
import type { SaidBy } from './judgeDraft.ts'
import { ingestLimits } from './limits.ts'

type Enrolled = Pick<Meter, 'kind' | 'zone' | 'steps'>

export type JudgeColumnsParameters = {
  readonly nowMs: number
  /** Set by the request; otherwise by the frame itself. */
  readonly by: SaidBy
  readonly enrolledOf: (meter: MeterId) => Enrolled | undefined
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

/** What the rows need of a meter. */
type Judged = { readonly grid: Grid; readonly canBeNegative: boolean }

function areMetersGood(columns: ReadingColumns, { enrolledOf }: JudgeColumnsParameters): boolean {
  const { rows, roster, meter, t0Ms, dtS, durationS, energyMwh, powerW } = columns
  const judged = new Array<Judged | undefined>(roster.length)
  const grids = openGridMemory()
  for (let row = 0; row < rows; row++) {
    const index = meter.length === 1 ? meter[0]! : meter[row]!
    let own = judged[index]
    if (own === undefined) {
      const enrolled = enrolledOf(roster[index]!)
      if (!enrolled) return false
      own = { grid: enrolled, canBeNegative: mayBeNegative(enrolled.kind) }
      judged[index] = own
    }
    const energy = energyMwh.length === 1 ? energyMwh[0]! : energyMwh[row]!
    const power = powerW.length === 1 ? powerW[0]! : powerW[row]!
    if (!own.canBeNegative && (energy < 0 || power < 0)) return false
    const startMs = t0Ms + 1000 * (dtS.length === 1 ? dtS[0]! : dtS[row]!)
    const seconds = durationS.length === 1 ? durationS[0]! : durationS[row]!
    if (!grids.has(own.grid, startMs, seconds)) return false
  }
  return true
}

/** Which intervals are on which grids: a frame has few of both, and a calendar is slow. */
function openGridMemory() {
  const byZone = new Map<string, Set<number>>()
  let last = { zone: '', intervalS: 0, startMs: Number.NaN, seconds: 0 }
  return {
    has(grid: Grid, startMs: number, seconds: number): boolean {
      const { zone, steps } = grid
      // A meter with several steps has the one of that date.
      if (steps.length > 1) return isOnGrid(grid, startMs, seconds)
      const { intervalS, gridOffsetS } = steps[0]!
      const name = gridOffsetS === 0 ? zone : `${zone} ${gridOffsetS}`
      if (last.startMs === startMs && last.seconds === seconds && last.intervalS === intervalS) {
        if (last.zone === name) return true
      }
      const known = byZone.get(`${name} ${intervalS} ${seconds}`) ?? new Set<number>()
      byZone.set(`${name} ${intervalS} ${seconds}`, known)
      if (!known.has(startMs) && !isOnGrid(grid, startMs, seconds)) return false
      known.add(startMs)
      last = { zone: name, intervalS, startMs, seconds }
      return true
    },
  }
}
