import type { EpochMs } from '../../../schemas/time.ts'
import { findStep, type StepFinding } from './findStep.ts'
import { type Placed, placeStamps, type RepeatedHour } from './placeStamps.ts'
import type { Stamp } from './stamp.ts'
import type { Zone } from './zone.ts'

export type PlaceSequenceOptions = {
  readonly zone: Zone
  readonly repeatedHour: RepeatedHour
  readonly isEnd: boolean
  readonly isClockOfStart: boolean
  readonly stepS: number | undefined
}

/** Instants of the stamps of one series, and its step. */
export function placeSequence(stamps: readonly (Stamp | null)[], options: PlaceSequenceOptions) {
  const find = (placed: readonly (Placed | null)[]) => {
    const instants = placed.filter((each): each is EpochMs => typeof each === 'number')
    return withSaidStep(findStep(instants, options.zone, options.isEnd), options.stepS)
  }
  const placed = placeStamps(stamps, options)
  const finding = find(placed)
  const { found } = finding
  if (!options.isEnd || found === null || found.isLocalDay) return { placed, finding }
  if (!options.isClockOfStart && isClear(placed)) return { placed, finding }
  const stepMs = found.stepS * 1000
  const starts = stamps.map((each) => each && { ...each, wallMs: each.wallMs - stepMs })
  const ends = placeStamps(starts, options).map((each) => {
    return typeof each === 'number' ? each + stepMs : each
  })
  // Ends that the clock cannot show, and starts that it can: they are by the clock of their start.
  if (!options.isClockOfStart && !isClear(ends)) return { placed, finding }
  return { placed: ends, finding: find(ends) }
}

/** Each stamp has an instant of its own. */
function isClear(placed: readonly (Placed | null)[]): boolean {
  return placed.every((each) => typeof each === 'number') && new Set(placed).size === placed.length
}

/** A distance that does not divide a day is no step: rows are missing, and what was said counts. */
function withSaidStep(finding: StepFinding, stepS: number | undefined): StepFinding {
  const { found, distances } = finding
  if (found === null || dayS % found.stepS === 0) return finding
  if (stepS === undefined) return { ...finding, found: null, oddS: found.stepS }
  if (found.stepS % stepS !== 0) return finding
  const others = new Map([...distances].filter(([, seconds]) => seconds % stepS !== 0))
  return { found: { stepS, isLocalDay: false }, others, distances }
}

const dayS = 86_400
