import type { Event, EventDeviations } from '../../shapes/events.ts'
import { clockTime, kw, kwh, percent, splitUnit } from './format.ts'
import { type Portfolio, shareAbove } from './portfolio.ts'

/** The headline answer of a page: a word, a figure, a sentence. */
export type Headline = {
  readonly tone: 'good' | 'trouble' | 'quiet'
  readonly word: string
  readonly figure: string
  readonly unit: string
  readonly sentence: string
}

/** From this share of the order an event is on plan; below the second share it is off plan. */
export const onPlanShare = 0.9
export const behindShare = 0.6
/** Deviations from the baseline that need no attention. */
const usualShare = 0.1

export type PlanHeadlineParameters = {
  readonly portfolio: Portfolio
  /** The running event, if any, and its delivery so far. */
  readonly running: Event | null
  readonly deviations: EventDeviations | null
  readonly zone: string
}

/** Are we on plan? */
export function planHeadline(parameters: PlanHeadlineParameters): Headline | null {
  return eventPlan(parameters) ?? usualPlan(parameters)
}

function eventPlan({ running, deviations, zone }: PlanHeadlineParameters): Headline | null {
  if (!running || !deviations) return null
  const { orderedMwh, deliveredMwh } = deviations
  if (orderedMwh === 0) return null
  const share = deliveredMwh / orderedMwh
  const isOn = share >= onPlanShare
  return {
    tone: isOn ? 'good' : 'trouble',
    word: isOn ? 'On plan' : share >= behindShare ? 'Behind plan' : 'Off plan',
    figure: percent(share),
    unit: 'of what is ordered',
    sentence:
      `${kwh(deliveredMwh)} of ${kwh(orderedMwh)} delivered so far in ${running.id}, which ends ` +
      `at ${clockTime(running.end, zone)}.`,
  }
}

function usualPlan({ portfolio, zone }: PlanHeadlineParameters): Headline | null {
  const last = portfolio.intervals.at(-1)
  if (!last) return null
  const at = `${clockTime(last.startMs, zone)}–${clockTime(last.endMs, zone)}`
  const [figure, unit] = splitUnit(kw(last.loadW))
  const shareNow = shareAbove(last)
  if (last.baselineW === null || shareNow === null) {
    const sentence = `Load of ${last.members} sites, ${at}. No baseline is published for it yet.`
    return { tone: 'quiet', word: 'No plan yet', figure, unit, sentence }
  }
  const share = shareNow
  const isUsual = Math.abs(share) <= usualShare
  const side = share < 0 ? 'below' : 'above'
  // A negative load is what all together feed in.
  const fed = last.loadW < 0 ? 'Fed into the grid, in all, by' : 'Load of'
  return {
    tone: isUsual ? 'good' : 'quiet',
    word: isUsual ? 'As usual' : `${share < 0 ? 'Below' : 'Above'} usual`,
    figure,
    unit,
    sentence:
      `${fed} ${last.members} sites, ${at}: ${percent(Math.abs(share))} ${side} the baseline ` +
      `of ${kw(last.baselineW)}. No order is running.`,
  }
}

/** How much of the order was delivered, by the best available figure. */
export function deliveryHeadline(
  event: Event,
  deviations: EventDeviations | null,
  zone: string,
): Headline & { readonly isSettled: boolean } {
  const settled = event.deliveredMwh
  if (settled !== null && event.orderedMwh !== null) {
    return { ...delivery(settled, event.orderedMwh, 'Settled'), isSettled: true }
  }
  if (event.speedDeliveredMwh !== null && event.orderedMwh !== null) {
    return {
      ...delivery(event.speedDeliveredMwh, event.orderedMwh, 'Provisional'),
      isSettled: false,
    }
  }
  if (deviations && deviations.orderedMwh > 0) {
    const { orderedMwh, deliveredMwh } = deviations
    const shown = delivery(deliveredMwh, orderedMwh, 'Provisional, so far')
    return { ...shown, isSettled: false }
  }
  const times = `${clockTime(event.start, zone, true)} to ${clockTime(event.end, zone)}`
  const ordered = event.orderedMwh === null ? '–' : kwh(event.orderedMwh)
  const [figure, unit] = splitUnit(ordered)
  const sentence =
    event.orderedMwh === null
      ? `${times}. The order of each meter is fixed when its baseline is committed.`
      : `${times}. Ordered of ${event.participants} meters.`
  return { tone: 'quiet', word: 'Announced', figure, unit, sentence, isSettled: false }
}

function toneOf(share: number | null): Headline['tone'] {
  if (share === null || share < behindShare) return 'trouble'
  return share >= onPlanShare ? 'good' : 'quiet'
}

function delivery(deliveredMwh: number, orderedMwh: number, word: string): Headline {
  const share = orderedMwh === 0 ? null : deliveredMwh / orderedMwh
  const [figure, unit] = splitUnit(kwh(deliveredMwh))
  return {
    tone: toneOf(share),
    word,
    figure,
    unit,
    sentence: `of ${kwh(orderedMwh)} ordered was delivered: ${percent(share)}.`,
  }
}

/** What the sum is of, and who is not in it. */
export function describeSum({ members, leftOut }: Portfolio): string {
  const sum = `Mean power of ${members} sites`
  if (leftOut.length === 0) return sum
  const kinds = leftOut.join(', ')
  return `${sum} in groups of one kind, without whoever is only in a group of ${kinds},`
}
