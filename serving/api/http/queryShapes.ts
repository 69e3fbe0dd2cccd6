import * as z from 'zod'
import { groupText, meterIdText } from '../../shapes/common.ts'

/** A whole number in a query or a path. */
export const wholeText = z
  .string()
  .regex(/^\d{1,15}$/, 'a whole number')
  .transform(Number)

/** `limit=`: from 1 to `max`; `usual` by default. */
export function limitQuery(max: number, usual: number) {
  return wholeText.refine((value) => value >= 1 && value <= max, `1 to ${max}`).default(usual)
}

/** An instant in a query: ISO 8601 with an offset. */
export const instantQuery = z.iso.datetime({
  offset: true,
  error: 'date and time in ISO 8601 with an offset, such as 2013-02-11T17:00:00Z',
})

export const meterQuery = meterIdText.optional()
export const groupQuery = groupText.optional()
