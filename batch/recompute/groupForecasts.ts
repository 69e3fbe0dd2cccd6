import {
  type GroupPlan,
  type MeterTerm,
  planAll,
  planGroups,
  termsAt,
} from '../../schemas/deviation/groupPlan.ts'
import {
  addSite,
  emptyGroupSum,
  type GroupSum,
  partOfMember,
} from '../../schemas/deviation/sumGroup.ts'
import type { GroupId } from '../../schemas/meter/group.ts'
import { isWithin } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { stepAt } from '../../schemas/meter/step.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { collectSites, indexesByStart, type MeterIntervals } from './collectSites.ts'
import { groupStarts, sitesByName } from './groupRows.ts'

type ForecastRow = InsertRow<'batch_forecast'>

/** The group of all meters. */
export const allMeters: GroupId = ''

/** How each group is summed, and all meters as one more. */
export function forecastPlans(meters: readonly Meter[]): Map<GroupId, GroupPlan> {
  return planGroups(meters).set(allMeters, planAll(allMeters, meters))
}

/** A meter's forecast over the intervals of one group it is in; can be sent between processes. */
export type MemberForecast = MeterIntervals & {
  readonly energyMwh: Float64Array
  /** The models and flags of all its rows there, each once. */
  readonly models: readonly string[]
  readonly flags: readonly string[]
  /** By interval, the models and flags of its rows: bits of their index above. */
  readonly modelBits: Uint32Array
  readonly flagBits: Uint32Array
}

export type MemberForecastsParameters = {
  readonly meter: Pick<Meter, 'meter' | 'site'>
  /** How it counts in each group, of `forecastPlans`. */
  readonly terms: readonly MeterTerm[]
  /** The meter's own rows, in order of time. */
  readonly rows: readonly ForecastRow[]
}

/** A meter's forecast by interval of its groups and of all meters, where it covers the interval. */
export function memberForecasts(parameters: MemberForecastsParameters): MemberForecast[] {
  const { terms, rows } = parameters
  const { meter, site } = parameters.meter
  if (rows.length === 0) return []
  const models = [...new Set(rows.map(({ model }) => model))]
  const flags = [...new Set(rows.map(({ flag }) => flag))]
  const byStart = new Map(rows.map((row) => [row.start, row]))
  return terms.map((term) => {
    const found = intervalsOf(parameters, { term, byStart, models, flags })
    return {
      ...{ group: term.group, meter, site, models, flags },
      startMs: Float64Array.from(found, (each) => each.startMs),
      energyMwh: Float64Array.from(found, (each) => each.energyMwh),
      modelBits: Uint32Array.from(found, (each) => each.modelBits),
      flagBits: Uint32Array.from(found, (each) => each.flagBits),
    }
  })
}

type OfTerm = {
  readonly term: MeterTerm
  readonly byStart: ReadonlyMap<EpochMs, ForecastRow>
  readonly models: readonly string[]
  readonly flags: readonly string[]
}

function intervalsOf({ rows }: MemberForecastsParameters, of: OfTerm) {
  const { grid, steps, spans } = of.term
  const starts = rows.map(({ start }) => ({ startMs: start }))
  return [...groupStarts(grid, starts)].flatMap((startMs) => {
    if (!spans.some((span) => isWithin(span, startMs))) return []
    const stepS = stepAt(grid.steps, startMs).intervalS
    const { intervalS } = stepAt(steps, startMs)
    let [modelBits, flagBits] = [0, 0]
    const rowAt = (ms: EpochMs) => {
      const row = of.byStart.get(ms)
      if (row === undefined) return null
      modelBits |= 1 << of.models.indexOf(row.model)
      flagBits |= 1 << of.flags.indexOf(row.flag)
      return { durationS: row.duration_s, energyMwh: Number(row.forecast_mwh), deviationW: null }
    }
    const part = partOfMember({ startMs, stepS, intervalS, rowAt })
    return part ? [{ startMs, energyMwh: part.energyMwh, modelBits, flagBits }] : []
  })
}

type ForecastSum = {
  readonly sum: GroupSum
  readonly models: Set<string>
  readonly flags: Set<string>
}

const emptyForecastSum = (): ForecastSum => {
  return { sum: emptyGroupSum(), models: new Set(), flags: new Set() }
}

export type GroupForecasts = {
  /** Adds a meter's forecast: by the id of its site, then by its own. */
  add(member: MemberForecast): void
  rows(run: bigint): InsertRow<'batch_group_forecast'>[]
}

/**
 * The forecasts of meters, summed over each group and over all meters by the group's interval.
 *
 * @param plans of `forecastPlans`.
 */
export function createGroupForecasts(plans: ReadonlyMap<GroupId, GroupPlan>): GroupForecasts {
  const sums = new Map<GroupId, Map<EpochMs, ForecastSum>>()
  const siteOf = sitesByName(plans)
  const sites = collectSites<MemberForecast>((parts) => {
    const { group, site: name } = parts[0]!
    const site = siteOf(group, name)
    const ofGroup = sums.get(group) ?? new Map<EpochMs, ForecastSum>()
    sums.set(group, ofGroup)
    const byMeter = new Map(parts.map((part) => [part.meter, part]))
    for (const [startMs, indexes] of indexesByStart(parts)) {
      const into = ofGroup.get(startMs) ?? emptyForecastSum()
      const isAdded = addSite(into.sum, termsAt(site, startMs), ({ meter }) => {
        const index = indexes.get(meter)
        if (index === undefined) return null
        return { energyMwh: byMeter.get(meter)!.energyMwh[index]!, deviationMw: Number.NaN }
      })
      if (!isAdded) continue
      ofGroup.set(startMs, into)
      for (const [meter, index] of indexes) {
        const part = byMeter.get(meter)!
        addNamed(into.models, part.models, part.modelBits[index]!)
        addNamed(into.flags, part.flags, part.flagBits[index]!)
      }
    }
  })
  return {
    add: sites.add,
    rows(run) {
      sites.flush()
      return [...sums].flatMap(([group, ofGroup]) => {
        const { steps } = plans.get(group)!.grid
        return [...ofGroup].map(([start, { sum, models, flags }]) => {
          const stepS = stepAt(steps, start).intervalS
          return {
            ...{ run, group_id: group, start, duration_s: stepS, members: sum.without.members },
            forecast_mwh: sum.without.energyMwh,
            model: [...models].sort().join(', '),
            flag: [...flags].sort().join(', '),
          }
        })
      })
    },
  }
}

function addNamed(into: Set<string>, names: readonly string[], bits: number): void {
  for (const [index, name] of names.entries()) {
    if (name !== '' && (bits & (1 << index)) !== 0) into.add(name)
  }
}
