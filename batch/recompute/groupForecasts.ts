import {
  addMeans,
  emptyGroupSum,
  energyOfGroupMwh,
  type GroupSum,
  groupStartMs,
  groupStepS,
  memberMeans,
} from '../../schemas/deviation/sumGroup.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'

type ForecastRow = InsertRow<'batch_forecast'>

/** The group of all meters; its interval is the longest of all. */
const allMeters = ''

/** Each group's interval and that of all meters, s. */
export function forecastSteps(
  steps: ReadonlyMap<string, number>,
  meters: Iterable<Pick<Meter, 'intervalS'>>,
): Map<string, number> {
  return new Map([...steps, [allMeters, groupStepS(meters)]])
}

/** A meter's forecast over the intervals of one group it is in; can be sent between processes. */
export type MemberForecast = {
  readonly group: string
  readonly startMs: Float64Array
  readonly loadW: Float64Array
  /** The models and flags of all its rows there, each once. */
  readonly models: readonly string[]
  readonly flags: readonly string[]
  /** By interval, the models and flags of its rows: bits of their index above. */
  readonly modelBits: Uint32Array
  readonly flagBits: Uint32Array
}

export type MemberForecastsParameters = {
  readonly meter: Pick<Meter, 'group' | 'intervalS'>
  /** Of `forecastSteps`. */
  readonly steps: ReadonlyMap<string, number>
  /** Where all forecasts start: the intervals of groups are counted from here. */
  readonly fromMs: EpochMs
  /** The meter's own rows. */
  readonly rows: readonly ForecastRow[]
}

/** A meter's forecast over every interval of its group, and of all meters, that it has all of. */
export function memberForecasts(parameters: MemberForecastsParameters): MemberForecast[] {
  const { meter, rows } = parameters
  if (rows.length === 0) return []
  const models = [...new Set(rows.map(({ model }) => model))]
  const flags = [...new Set(rows.map(({ flag }) => flag))]
  const byStart = new Map(rows.map((row) => [row.start, row]))
  return [meter.group, allMeters].map((group) => {
    const found = intervalsOf(parameters, { group, byStart, models, flags })
    return {
      ...{ group, models, flags },
      startMs: Float64Array.from(found, (each) => each.startMs),
      loadW: Float64Array.from(found, (each) => each.loadW),
      modelBits: Uint32Array.from(found, (each) => each.modelBits),
      flagBits: Uint32Array.from(found, (each) => each.flagBits),
    }
  })
}

type OfGroup = {
  readonly group: string
  readonly byStart: ReadonlyMap<EpochMs, ForecastRow>
  readonly models: readonly string[]
  readonly flags: readonly string[]
}

function intervalsOf(parameters: MemberForecastsParameters, of: OfGroup) {
  const { meter, steps, fromMs, rows } = parameters
  const stepS = steps.get(of.group)!
  const starts = new Set(rows.map(({ start }) => fromMs + groupStartMs(start - fromMs, stepS)))
  return [...starts].flatMap((startMs) => {
    let [modelBits, flagBits] = [0, 0]
    const rowAt = (ms: EpochMs) => {
      const row = of.byStart.get(ms)
      if (row === undefined) return null
      modelBits |= 1 << of.models.indexOf(row.model)
      flagBits |= 1 << of.flags.indexOf(row.flag)
      return { durationS: row.duration_s, energyMwh: Number(row.forecast_mwh), deviationW: null }
    }
    const means = memberMeans({ startMs, stepS, intervalS: meter.intervalS, rowAt })
    return means ? [{ startMs, loadW: means.loadW, modelBits, flagBits }] : []
  })
}

type ForecastSum = {
  readonly sum: GroupSum
  readonly models: Set<string>
  readonly flags: Set<string>
}

export type GroupForecasts = {
  /** Meters are added once each, in the order of their ids. */
  add(member: MemberForecast): void
  rows(run: bigint): InsertRow<'batch_group_forecast'>[]
}

/**
 * The forecasts of meters, summed over each group and over all meters by the group's interval.
 *
 * @param steps of `forecastSteps`.
 */
export function createGroupForecasts(steps: ReadonlyMap<string, number>): GroupForecasts {
  const sums = new Map<string, Map<EpochMs, ForecastSum>>()
  return {
    add(member) {
      const ofGroup = sums.get(member.group) ?? new Map<EpochMs, ForecastSum>()
      sums.set(member.group, ofGroup)
      for (const [index, startMs] of member.startMs.entries()) {
        const into = ofGroup.get(startMs) ?? {
          sum: emptyGroupSum(),
          models: new Set(),
          flags: new Set(),
        }
        ofGroup.set(startMs, into)
        addMeans(into.sum, { loadW: member.loadW[index]!, deviationW: Number.NaN })
        addNamed(into.models, member.models, member.modelBits[index]!)
        addNamed(into.flags, member.flags, member.flagBits[index]!)
      }
    },
    rows: (run) =>
      [...sums].flatMap(([group, ofGroup]) => {
        const stepS = steps.get(group)!
        return [...ofGroup].map(([start, { sum, models, flags }]) => ({
          ...{ run, group_id: group, start, duration_s: stepS, members: sum.without.members },
          forecast_mwh: energyOfGroupMwh(sum, stepS),
          model: [...models].sort().join(', '),
          flag: [...flags].sort().join(', '),
        }))
      }),
  }
}

function addNamed(into: Set<string>, names: readonly string[], bits: number): void {
  for (const [index, name] of names.entries()) {
    if (name !== '' && (bits & (1 << index)) !== 0) into.add(name)
  }
}
