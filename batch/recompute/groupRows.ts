import type { Deviation, GroupDeviation } from '../../schemas/deviation/deviationRow.ts'
import {
  type GroupPlan,
  type GroupSite,
  type MeterTerm,
  termsAt,
} from '../../schemas/deviation/groupPlan.ts'
import {
  addSite,
  emptyGroupSum,
  finishGroup,
  type GroupSum,
  partOfMember,
} from '../../schemas/deviation/sumGroup.ts'
import { type Grid, intervalAt, isWhole } from '../../schemas/meter/grid.ts'
import type { GroupId } from '../../schemas/meter/group.ts'
import { isWithin } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { stepAt } from '../../schemas/meter/step.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { collectSites, indexesByStart, type MeterIntervals } from './collectSites.ts'

/** What a meter adds to the intervals of one of its groups, to be sent between processes. */
export type MeterParts = MeterIntervals & {
  readonly energyMwh: Float64Array
  /** NaN where it has none. */
  readonly deviationMw: Float64Array
}

export type GroupSums = {
  /** Adds a meter's parts: by the id of its site, then by its own. */
  add(parts: MeterParts): void
  /** The sums of intervals that ended by an instant. */
  finish(endMs: EpochMs): GroupDeviation[]
}

export type PartsOfMeterParameters = {
  readonly meter: Pick<Meter, 'site'>
  /** How it counts in one of its groups. */
  readonly term: MeterTerm
  /** All rows of the meter in every wanted interval. */
  readonly rows: readonly Deviation[]
  readonly isWanted: (startMs: EpochMs) => boolean
}

/** What a meter adds to the wanted intervals of a group of which it has all rows. */
export function partsOfMeter(parameters: PartsOfMeterParameters): MeterParts {
  const { rows, term, isWanted } = parameters
  const { group, meter, grid, steps, spans } = term
  const byStart = new Map(rows.map((row) => [row.startMs, row]))
  const rowAt = (ms: EpochMs) => byStart.get(ms)
  const found: { startMs: EpochMs; energyMwh: number; deviationMw: number }[] = []
  for (const startMs of groupStarts(grid, rows)) {
    if (!isWanted(startMs) || !spans.some((span) => isWithin(span, startMs))) continue
    const stepS = stepAt(grid.steps, startMs).intervalS
    const { intervalS } = stepAt(steps, startMs)
    const part = partOfMember({ startMs, stepS, intervalS, rowAt })
    if (part) found.push({ startMs, ...part })
  }
  return {
    ...{ group, meter, site: parameters.meter.site },
    startMs: Float64Array.from(found, (each) => each.startMs),
    energyMwh: Float64Array.from(found, (each) => each.energyMwh),
    deviationMw: Float64Array.from(found, (each) => each.deviationMw),
  }
}

/** Starts of the group's intervals that contain rows, odd intervals left out. Rows are in order. */
export function groupStarts(
  grid: Grid,
  rows: readonly { readonly startMs: EpochMs }[],
): Set<EpochMs> {
  const starts = new Set<EpochMs>()
  let own = { startMs: 0, endMs: 0 }
  for (const { startMs } of rows) {
    if (own.startMs <= startMs && startMs < own.endMs) continue
    own = intervalAt(grid, startMs)
    if (isWhole(grid, own)) starts.add(own.startMs)
  }
  return starts
}

/** Sums of groups over intervals, as their plans have them. */
export function createGroupSums(plans: ReadonlyMap<GroupId, GroupPlan>): GroupSums {
  const sums = new Map<GroupId, Map<EpochMs, GroupSum>>()
  const siteOf = sitesByName(plans)
  const sites = collectSites<MeterParts>((parts) => {
    const { group, site: name } = parts[0]!
    const site = siteOf(group, name)
    const ofGroup = sums.get(group) ?? new Map<EpochMs, GroupSum>()
    sums.set(group, ofGroup)
    const byMeter = new Map(parts.map((part) => [part.meter, part]))
    for (const [startMs, indexes] of indexesByStart(parts)) {
      const sum = ofGroup.get(startMs) ?? emptyGroupSum()
      ofGroup.set(startMs, sum)
      addSite(sum, termsAt(site, startMs), ({ meter }) => {
        const index = indexes.get(meter)
        if (index === undefined) return null
        const { energyMwh, deviationMw } = byMeter.get(meter)!
        return { energyMwh: energyMwh[index]!, deviationMw: deviationMw[index]! }
      })
    }
  })
  return {
    add: sites.add,
    finish(endMs) {
      sites.flush()
      return [...sums].flatMap(([group, ofGroup]) => {
        const { steps } = plans.get(group)!.grid
        return [...ofGroup].flatMap(([startMs, sum]) => {
          const durationS = stepAt(steps, startMs).intervalS
          if (startMs + durationS * 1000 > endMs) return []
          return finishGroup({ group, startMs, durationS }, sum) ?? []
        })
      })
    },
  }
}

/** Sites of plans by name; a plan is indexed when it is first asked for. */
export function sitesByName(
  plans: ReadonlyMap<GroupId, GroupPlan>,
): (group: GroupId, site: string) => GroupSite {
  const indexed = new Map<GroupId, Map<string, GroupSite>>()
  return (group, site) => {
    const known =
      indexed.get(group) ?? new Map(plans.get(group)!.sites.map((each) => [each.site, each]))
    indexed.set(group, known)
    return known.get(site)!
  }
}

/** A row of `batch_group`. */
export function groupRow(
  { run, day }: { readonly run: bigint; readonly day: string },
  sum: GroupDeviation,
): InsertRow<'batch_group'> {
  return {
    day,
    run,
    group_id: sum.group,
    start: sum.startMs,
    duration_s: sum.durationS,
    members: sum.members,
    load_w: sum.loadW,
    baseline_w: sum.baselineW,
    deviation_w: sum.deviationW,
  }
}
