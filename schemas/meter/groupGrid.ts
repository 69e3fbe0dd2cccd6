import { type EpochMs, localDayOf } from '../time.ts'
import type { Grid } from './grid.ts'
import { isWithin, type Span } from './membership.ts'
import type { Meter } from './meter.ts'
import { areSameSteps, type DatedSteps, newestStep, stepAt, withStep } from './step.ts'

/** A meter's time in a group. */
export type GridMember<M extends GridMeter = GridMeter> = Span & { readonly meter: M }
type GridMeter = Pick<Meter, 'meter' | 'zone' | 'steps'>

/**
 * The intervals of a group: at any date the longest among its members, over which shorter ones are
 * averaged.
 *
 * They start where those of the leading member do: of the members with the longest newest interval
 * the one whose id comes first. Members in zones or at offsets whose intervals do not fit into them
 * are not in the sums. It depends on the members alone, in whatever order they come.
 *
 * @param members at least one.
 */
export function groupGridOf(members: readonly GridMember[]): Grid {
  const { zone } = longestOf(members, ({ steps }) => newestStep(steps).intervalS)
  let steps: DatedSteps = []
  for (const fromMs of datesOf(members, zone)) {
    const present = members.filter((each) => isWithin(each, fromMs))
    // While it has no members, nothing is summed.
    if (present.length === 0 && steps.length > 0) continue
    const asked = present.length === 0 ? members : present
    const longest = longestOf(asked, (each) => stepAt(each.steps, fromMs).intervalS, zone)
    const { intervalS, gridOffsetS } = stepAt(longest.steps, fromMs)
    const isOfZone = longest.zone === zone
    steps = withStep(steps, { fromMs, intervalS, gridOffsetS: isOfZone ? gridOffsetS : 0 })
  }
  return { zone, steps }
}

export function areSameGrids(left: Grid, right: Grid): boolean {
  return left.zone === right.zone && areSameSteps(left.steps, right.steps)
}

/** Members with equal intervals are ordered by zone, the given one first, then by id. */
function longestOf(
  members: readonly GridMember[],
  intervalOf: (meter: GridMember['meter']) => number,
  zone?: string,
): GridMember['meter'] {
  const all = members.map(({ meter }) => meter)
  return all.reduce((best, each) => {
    const longer = intervalOf(each) - intervalOf(best)
    if (longer !== 0) return longer > 0 ? each : best
    const [isOf, isBestOf] = [each.zone === zone, best.zone === zone]
    if (isOf !== isBestOf) return isOf ? each : best
    return each.meter < best.meter ? each : best
  })
}

/** Midnights of the zone from which it may be another one, ascending; first 0. */
function datesOf(members: readonly GridMember[], zone: string): EpochMs[] {
  const instants = new Set<EpochMs>()
  for (const { meter, fromMs, untilMs } of members) {
    for (const each of meter.steps.slice(1)) instants.add(each.fromMs)
    for (const ms of [fromMs, untilMs]) if (Number.isFinite(ms)) instants.add(ms)
  }
  const dates = new Set([0])
  for (const ms of instants) {
    const day = localDayOf(ms, zone)
    dates.add(Math.max(day.startMs === ms ? ms : day.endMs, 0))
  }
  return [...dates].sort((left, right) => left - right)
}
