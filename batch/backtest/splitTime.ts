import { SplitTooShortError } from '../../schemas/errors/forecast.ts'
import type { SlotRange } from '../history/splitSegments.ts'

export type TimeSplit = Readonly<Record<'train' | 'validate' | 'test', SlotRange>>

/** Shares of the days; the rest is training. */
const testShare = 0.2
const validateShare = 0.2

/**
 * Splits a history into three consecutive ranges of whole days: training, validation and test.
 *
 * @throws InvalidArgumentError for fewer than five days.
 */
export function splitTime(slots: number, daySlots: number): TimeSplit {
  const days = Math.floor(slots / daySlots)
  if (days < 5) {
    throw new SplitTooShortError({ days })
  }
  // Slots of an incomplete day go to training, so that the test range ends with the data.
  const testFirst = slots - Math.round(days * testShare) * daySlots
  const validateFirst = testFirst - Math.round(days * validateShare) * daySlots
  return {
    train: { first: 0, end: validateFirst },
    validate: { first: validateFirst, end: testFirst },
    test: { first: testFirst, end: slots },
  }
}
