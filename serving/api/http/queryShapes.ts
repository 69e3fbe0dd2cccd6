import * as z from 'zod'
import { instantText } from '../../../schemas/instantText.ts'
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

/**
 * An instant in a query: ISO 8601 with an offset. Within what the store and ISO 8601 take, so
 * that the other end of a range fits too.
 */
export const instantQuery = instantText.refine((text) => {
  const ms = Date.parse(text)
  return ms >= 0 && ms < Date.UTC(2200)
}, 'from 1970-01-01T00:00:00Z to 2199-12-31T23:59:59Z')

export const meterQuery = meterIdText.optional()
export const groupQuery = groupText.optional()
