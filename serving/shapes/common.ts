import * as z from 'zod'

/** An instant, ISO 8601 in UTC: `2013-02-11T17:00:00.000Z`. */
export const instant = z.iso.datetime().describe('ISO 8601 in UTC')

/** Whole milliwatt-hours. */
export const mwh = z.int().describe('mWh')

/** Whole millionths of the programme's currency; a string beyond 2^53. */
export const micros = z
  .union([z.int(), z.string().regex(/^-?\d+$/)])
  .describe('millionths of the currency; a string beyond 2^53')

/** Stake or money on chain, in token units of six decimals. */
export const tokenMicros = micros

export const hex32 = z.string().regex(/^0x[0-9a-f]{64}$/)
export const address = z.string().regex(/^0x[0-9a-f]{40}$/)
export const eventIdText = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
export const meterIdText = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/)
export const groupText = z.string().min(1).max(64)

/** RFC 9457. `detail` is a sentence that says what to do. */
export const problem = z.looseObject({
  type: z.string().describe('urn:wattproof:problem:KIND'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** The request's id, also in the answer's `x-request-id` and in the log. */
  instance: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})
