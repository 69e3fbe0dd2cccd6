import type { MeterReadings } from '../../schemas/baseline/computeBaseline.ts'
import {
  type ComputeControlBaselineReturnType,
  computeControlBaseline,
  controlGroupId,
} from '../../schemas/baseline/controlGroup.ts'
import {
  type MeasurePlaceboReturnType,
  measureControlPlacebo,
  measurePlacebo,
} from '../../schemas/baseline/measurePlacebo.ts'
import { baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import { MeterGapError } from '../../schemas/errors/baseline.ts'
import type { DrEvent, Verification } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Settlement } from '../../schemas/settlement.ts'
import { energyMwh } from '../../schemas/units.ts'
import type { Baselines } from './eventBaselines.ts'
import { orderOfMwhDown, priceInterval } from './priceInterval.ts'
import { sortParticipants } from './settleEvent.ts'
import { meteredTerms, sumMeters } from './sumTerms.ts'

export type VerifyEventParameters = {
  readonly event: DrEvent
  readonly settlement: Settlement
  /** As committed: the order follows from them, whichever method measures. */
  readonly baselines: Baselines
  /** Participants and controls, from the look-back to the event's end. */
  readonly readings: ReadonlyMap<MeterId, MeterReadings>
  /** Most placebo days per method; 5 by default. */
  readonly placeboDaysMax?: number
}

/**
 * The event measured by each applicable method: the terms' own, which determines the pay, and the
 * control group, for the portfolio as a whole.
 *
 * `orderedMwh` counts only intervals the method could measure, so that the three energies can be
 * compared; `orderedMwhOf` has the whole order.
 */
export function verifyEvent(parameters: VerifyEventParameters): Verification[] {
  const { event, settlement } = parameters
  const common = placeboParameters(parameters)
  const members = sortParticipants(event)
  const mayBeNegative = members.map(({ point }) => point?.mayBeNegative ?? false)
  const intervals = settlement.lines.flatMap((each) => each.intervals)
  const own: Verification = {
    method: event.terms.baselineMethod,
    orderedMwh: intervals.reduce((sum, each) => sum + each.ordered, 0),
    deliveredMwh: settlement.delivered,
    deficiencyMwh: settlement.deficiency,
    ...placeboOf(measurePlacebo({ ...common, mayBeNegative })),
  }
  const isShifted = mayBeNegative.includes(true) || common.controls.some(isBelowZero)
  const control = computeControl({ ...common, mayBeNegative: isShifted })
  if (!control) return [own]
  const errors = placeboOf(measureControlPlacebo({ ...common, mayBeNegative: isShifted }))
  return [own, { method: controlGroupId, ...measureByControl(parameters, control), ...errors }]
}

function placeboParameters({ event, readings, placeboDaysMax }: VerifyEventParameters) {
  const none: MeterReadings = new Map()
  const { zone, intervalS: stepS } = event
  const members = sortParticipants(event)
  return {
    method: baselineMethodNamed(event.terms.baselineMethod),
    zone,
    event,
    stepS,
    participants: members.map((each) => sumMeters(meteredTerms(each), readings)),
    controls: event.controls.map((meter) => readings.get(meter) ?? none),
    excludedDates: new Set(event.excludedDates),
    holidays: new Set(event.holidays),
    ...(placeboDaysMax === undefined ? {} : { daysMax: placeboDaysMax }),
  }
}

/** The kinds of controls are not part of an event; what they read shows it. */
function isBelowZero(readings: MeterReadings): boolean {
  for (const energy of readings.values()) if (energy < 0) return true
  return false
}

/** Null when there is no usable control group. */
function computeControl(
  common: ReturnType<typeof placeboParameters> & { readonly mayBeNegative: boolean },
): ComputeControlBaselineReturnType | null {
  try {
    return computeControlBaseline({ ...common, days: common.method })
  } catch (error) {
    if (error instanceof MeterGapError) return null
    throw error
  }
}

function measureByControl(
  { event, baselines }: VerifyEventParameters,
  control: ComputeControlBaselineReturnType,
) {
  const meters = sortParticipants(event)
  const counted = control.participants.map((index) => baselines.get(meters[index]!.meter))
  const sums = { orderedMwh: 0, deliveredMwh: 0, deficiencyMwh: 0 }
  for (const { startMs, baselineMwh, meteredMwh } of control.intervals) {
    const orders = counted.map((baseline) => {
      const own = baseline?.intervals.find((each) => each.startMs === startMs)
      return own ? orderOfMwhDown(own.baselineMwh, event.terms.orderPpm) : 0
    })
    const ordered = energyMwh(orders.reduce<number>((sum, each) => sum + each, 0))
    const { delivered, deficiency } = priceInterval({
      baseline: baselineMwh,
      metered: meteredMwh,
      ordered,
      priceMicrosPerKwh: 0n,
      penaltyMicrosPerKwh: 0n,
    })
    sums.orderedMwh += ordered
    sums.deliveredMwh += delivered
    sums.deficiencyMwh += deficiency
  }
  return sums
}

function placeboOf({ errors }: MeasurePlaceboReturnType) {
  return { placeboRrmse: errors?.rrmse ?? null, placeboBias: errors?.bias ?? null }
}
