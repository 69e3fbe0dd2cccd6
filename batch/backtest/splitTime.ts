import { SplitTooShortError } from '../../schemas/errors/forecast.ts'
import type { SlotRange } from '../history/splitSegments.ts'

export type TimeSplit = Readonly<Record<'train' | 'validate' | 'test', SlotRange>>

/** Shares of the days; the rest is training. */
const testShare = 0.2
const validateShare = 0.2

/**
 * Cuts a history into three ranges of whole days, one after the other: what is learnt from, what
 * chooses, and what is measured on once.
 *
 * @throws InvalidArgumentError for fewer than five days.
 */
export function splitTime(slots: number, daySlots: number): TimeSplit {
  const days = Math.floor(slots / daySlots)
  if (days < 5) {
    throw new SplitTooShortError({ days })
  }
  // The odd slots of a day that is not whole go to training, so that the test ends with the data.
  const testFirst = slots - Math.round(days * testShare) * daySlots
  const validateFirst = testFirst - Math.round(days * validateShare) * daySlots
  return {
    train: { first: 0, end: validateFirst },
    validate: { first: validateFirst, end: testFirst },
    test: { first: testFirst, end: slots },
  }
}
