import { MeterGapError } from '../errors/baseline.ts'
import { EventLengthError } from '../errors/event.ts'
import { type EpochMs, intervalStarts, type LocalDay, localDayOf, type TimeRange } from '../time.ts'
import { type EnergyMwh, energyMwh, scaleHalfEven } from '../units.ts'
import type { MeterReadings } from './computeBaseline.ts'
import { listLikeDays, matchInstant } from './likeDays.ts'
import { type BaselineMethod, caiso10in10, type Fraction } from './methods.ts'

export const controlGroupId = 'control-group'

export type ComputeControlBaselineParameters = {
  /** Selects the days that are like the event's day; they are the reference. */
  readonly days?: BaselineMethod
  readonly zone: string
  readonly event: TimeRange
  readonly stepS: number
  /** One per meter. Controls are outside the programme and received no order. */
  readonly participants: readonly MeterReadings[]
  readonly controls: readonly MeterReadings[]
  /** Some of these meters can be negative. */
  readonly mayBeNegative?: boolean
  readonly excludedDates: ReadonlySet<string>
  readonly holidays: ReadonlySet<string>
}

export type ComputeControlBaselineReturnType = {
  /** The portfolio's baseline and load, over the participants that count. */
  readonly intervals: readonly {
    readonly startMs: EpochMs
    readonly baselineMwh: EnergyMwh
    readonly meteredMwh: EnergyMwh
  }[]
  readonly days: readonly string[]
  /** Ratio of participants to controls over the reference; of their numbers if they are shifted. */
  readonly scale: Fraction
  /** Indexes of the participants that count: those with every required reading. */
  readonly participants: readonly number[]
  /** Indexes of the controls that count. */
  readonly controls: readonly number[]
  /** `participants-left-out:N`, `controls-left-out:N`, `few-days:N-of-M`. */
  readonly flags: readonly string[]
}

/**
 * The baseline of a portfolio from its neighbours: the scaled sum of a control group
 * (METHODS §1, `control-group`).
 *
 * baseline[h] = Σ controls[h] · scale, where scale = Σ participants / Σ controls over the
 * reference: the event's hours on the latest like days. Only meters with a reading in every
 * interval of event and reference count, so that both sums cover the same sites throughout; a day
 * that half of the meters miss is not a reference. Rounded once, half to even.
 *
 * A ratio of loads that cross zero means nothing. With meters that can be negative the mean of the
 * participants in each interval is shifted by how far the controls are from theirs, site for site,
 * scale = p / c, over n days d:
 *
 *     baseline[h] = Σ_d participants[d,h] / n + (controls[h] - Σ_d controls[d,h] / n) · scale
 *
 * @throws MeterGapError when no day, participant or control is left, or controls used nothing.
 */
export function computeControlBaseline(
  parameters: ComputeControlBaselineParameters,
): ComputeControlBaselineReturnType {
  const { event, zone, stepS, participants, controls } = parameters
  const slots = intervalStarts(event, stepS)
  if (slots.length === 0) {
    throw new EventLengthError({ lengthS: (event.endMs - event.startMs) / 1000, stepS })
  }
  const day = localDayOf(event.startMs, zone)
  const { days, pool } = pickDays(parameters, { day, slots })
  const reference = days.flatMap((each) => each.starts)
  const wanted = [...slots, ...reference]
  const kept = indexesOf(participants, wanted)
  const matched = indexesOf(controls, wanted)
  const members = kept.map((index) => participants[index]!)
  const neighbours = matched.map((index) => controls[index]!)
  const groups = { members, neighbours, days, isShifted: parameters.mayBeNegative ?? false }
  const scale = scaleOf(groups)
  if (members.length === 0 || days.length === 0 || scale.denominator <= 0n) {
    const gap = { startMs: event.startMs, missing: slots.length, allowed: 0 }
    throw new MeterGapError({ meter: 'of the control group', ...gap })
  }
  const intervals = slots.map((startMs, slot) => {
    const mwh = baselineOf(groups, { startMs, slot })
    const metered = energyMwh(Number(sumOver(members, [startMs])))
    return { startMs, baselineMwh: energyMwh(Number(mwh)), meteredMwh: metered }
  })
  const flags = [
    ...flagLeftOut('participants', participants.length - kept.length),
    ...flagLeftOut('controls', controls.length - matched.length),
    ...(days.length < pool ? [`few-days:${days.length}-of-${pool}`] : []),
  ]
  const dates = days.map((each) => each.date)
  return { intervals, days: dates, scale, participants: kept, controls: matched, flags }
}

type Groups = {
  readonly members: readonly MeterReadings[]
  readonly neighbours: readonly MeterReadings[]
  readonly days: readonly ReferenceDay[]
  readonly isShifted: boolean
}

/** A day of the reference, and the starts of the event's intervals on it. */
type ReferenceDay = { readonly date: string; readonly starts: readonly EpochMs[] }

function scaleOf({ members, neighbours, days, isShifted }: Groups): Fraction {
  if (isShifted) {
    return { numerator: BigInt(members.length), denominator: BigInt(neighbours.length) }
  }
  const reference = days.flatMap((each) => each.starts)
  return {
    numerator: sumOver(members, reference),
    denominator: sumOver(neighbours, reference),
  }
}

function baselineOf(groups: Groups, { startMs, slot }: { startMs: EpochMs; slot: number }): bigint {
  const { members, neighbours, days, isShifted } = groups
  const { numerator, denominator } = scaleOf(groups)
  const load = sumOver(neighbours, [startMs])
  if (!isShifted) return scaleHalfEven(load, numerator, denominator)
  const starts = days.map((each) => each.starts[slot]!)
  const count = BigInt(days.length)
  const moved = count * load - sumOver(neighbours, starts)
  const sum = denominator * sumOver(members, starts) + numerator * moved
  return scaleHalfEven(sum, 1n, denominator * count)
}

function pickDays(
  parameters: ComputeControlBaselineParameters,
  wanted: { readonly day: LocalDay; readonly slots: readonly EpochMs[] },
) {
  const { zone, participants, controls } = parameters
  const meters = [...participants, ...controls]
  const method = parameters.days ?? caiso10in10
  const { type, days } = listLikeDays({ ...parameters, method, day: wanted.day })
  const picked: ReferenceDay[] = []
  for (const to of days) {
    if (picked.length === type.pool) break
    const starts = wanted.slots.flatMap(
      (ms) => matchInstant(ms, { from: wanted.day, to, zone }) ?? [],
    )
    const isWhole = starts.length === wanted.slots.length
    const complete = indexesOf(meters, starts).length
    if (isWhole && 2 * complete > meters.length) picked.push({ date: to.date, starts })
  }
  return { days: picked, pool: type.pool }
}

function indexesOf(meters: readonly MeterReadings[], starts: readonly EpochMs[]): number[] {
  return meters.flatMap((each, index) => (starts.every((ms) => each.has(ms)) ? [index] : []))
}

function sumOver(meters: readonly MeterReadings[], starts: readonly EpochMs[]): bigint {
  let sum = 0n
  for (const each of meters) for (const ms of starts) sum += BigInt(each.get(ms)!)
  return sum
}

function flagLeftOut(who: string, count: number): string[] {
  return count > 0 ? [`${who}-left-out:${count}`] : []
}
