import { type DatedSteps, newestStep } from '../../schemas/meter/step.ts'
import { type EpochMs, localDayNamed, type TimeRange } from '../../schemas/time.ts'

/** A day of a roster: what is spilled at once. */
export type Spilled = { readonly date: string; readonly steps: DatedSteps; readonly zone: string }

/** What spilling needs of a `SpeedState`. */
type Spilling = {
  readonly options: { readonly cellsMax: number }
  readonly rosters: ReadonlyMap<string, SpillingRoster>
  cells: number
  spilled: Spilled | null
  spilledToMs: EpochMs
}

type SpillingRoster = {
  readonly zone: string
  readonly steps: DatedSteps
  readonly days: Map<string, { readonly day: TimeRange; readonly cells: number }>
  latest: object | null
  heldFromMs: EpochMs
}

/**
 * Lets go of days until the cells are within their bound: the oldest date first, and of one date
 * the shortest intervals, which take most; the newest day is no exception. The order is the same
 * whatever the readings, so what is spilled does not depend on the order in which they arrive: an
 * older day that is opened later is not held.
 */
export function spillDays(state: Spilling): void {
  const { cellsMax } = state.options
  if (state.cells <= cellsMax) return
  const rosters = [...state.rosters.values()]
  const days = rosters.flatMap(({ days, steps, zone }) => {
    return [...days.keys()].map((date): Spilled => ({ date, steps, zone }))
  })
  for (const day of days.sort(compareSpilled)) {
    if (state.cells <= cellsMax) return
    state.spilled = day
    for (const roster of rosters) holdAfter(state, roster)
  }
}

/** A roster holds no reading of the days up to the one that was spilled last. */
export function holdAfter(state: Spilling, roster: SpillingRoster): void {
  const { spilled } = state
  if (!spilled) return
  const { steps, zone } = roster
  const local = localDayNamed(spilled.date, zone)
  // A zone that skipped the date has the next one here.
  const own = { date: local.date, steps, zone }
  const isHeld = compareSpilled(own, spilled) > 0
  roster.heldFromMs = Math.max(roster.heldFromMs, isHeld ? local.startMs : local.endMs)
  state.spilledToMs = Math.max(state.spilledToMs, roster.heldFromMs)
  roster.latest = null
  for (const [date, { day, cells }] of roster.days) {
    if (day.endMs > roster.heldFromMs) continue
    state.cells -= cells
    roster.days.delete(date)
  }
}

function compareSpilled(left: Spilled, right: Spilled): number {
  const byDate = compareText(left.date, right.date)
  const byStep = newestStep(left.steps).intervalS - newestStep(right.steps).intervalS
  return byDate || byStep || compareText(left.zone, right.zone) || compareSteps(left, right)
}

/** In any order that is always the same: of rosters that differ in their history alone. */
function compareSteps({ steps: left }: Spilled, { steps: right }: Spilled): number {
  return left === right ? 0 : compareText(JSON.stringify(left), JSON.stringify(right))
}

function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
