import * as z from 'zod'
import { type Address, type EventId, eventId, type Hex32, meterId } from '../../schemas/ids.ts'
import { epochMsMax } from '../../schemas/time.ts'
import { energyMwh, moneyMicros } from '../../schemas/units.ts'

/**
 * Schemas of the values in published settlements, records and bundles. `toJson` writes whole
 * numbers beyond 2^53 as strings; these accept numbers, strings and, before encoding, bigints.
 */
const amountMax = 2n ** 127n

export const whole = z
  .union([z.bigint(), z.int(), z.string().regex(/^-?\d{1,39}$/)])
  .transform(BigInt)
  // Far below the 256 bits at which two amounts would wrap around to the same word and hash.
  .refine((value) => -amountMax < value && value < amountMax, 'beyond 127 bits')
export const micros = whole.transform(moneyMicros)
export const microsUp = micros.refine((value) => value >= 0n, 'below zero')
export const mwh = z.int().transform(energyMwh)
/** 1970 to 9999, the range of calendar computations. */
export const epochMs = z.int().min(0).max(epochMsMax)
export const count = z.int().min(0).max(0xffffffff)
export const text = z.string().max(200)
export const hex32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'not 32 bytes')
  .transform((value) => value as Hex32)
export const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, 'not an address in lower case')
  .transform((value) => value as Address)
export const signature = z
  .string()
  .regex(/^0x[0-9a-f]{130}$/, 'not a signature of 65 bytes')
  .transform((value) => value as Hex32)
export const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'not a date')

export const eventName = z.string().transform((value, context): EventId => {
  try {
    return eventId(value)
  } catch (error) {
    context.addIssue(String(error))
    return z.NEVER
  }
})

export const meterName = z.string().transform((value, context) => {
  try {
    return meterId(value)
  } catch (error) {
    context.addIssue(String(error))
    return z.NEVER
  }
})

/** The first issue with its path: `members.3.salt: not 32 bytes`. */
export function sentenceOfIssues(error: z.ZodError): string {
  const [issue] = error.issues
  return issue ? `${issue.path.join('.') || 'the whole'}: ${issue.message}` : 'unreadable'
}

/** Text that is not JSON stays text, which no schema of a record accepts. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
