import * as z from 'zod'
import type { Address, EventId, Hex32, MeterId } from '../ids.ts'
import type { DatedSteps } from '../meter/step.ts'
import {
  type Quality,
  type RejectReason,
  rejectReasons,
  type Standing,
} from '../reading/reading.ts'
import type { EpochMs } from '../time.ts'
import { type EnergyMwh, type MoneyMicros, moneyMicros } from '../units.ts'

/** A column of a result: its ClickHouse type, and how its JSON is decoded. */
export type Column<Value> = { readonly type: string; readonly shape: z.ZodType<Value> }

export const text: Column<string> = { type: 'String', shape: z.string() }
export const flag: Column<boolean> = { type: 'Bool', shape: z.boolean() }
export const uint8 = numeric('UInt8', z.int())
export const uint16 = numeric('UInt16', z.int())
export const uint32 = numeric('UInt32', z.int())
/** JSON has the shortest decimal of a single-precision number; it is read as that decimal. */
export const float32 = numeric('Float32', z.number())
export const float64 = numeric('Float64', z.number())
/** The single-precision number itself, as in frames. */
export const single = numeric('Float32', z.number().transform(Math.fround))

/** 64-bit integers are sent as text, so that none is rounded. */
const wholeText = z.string().regex(/^-?\d+$/)
/** The number of a batch run. */
export const run: Column<bigint> = { type: 'UInt64', shape: wholeText.transform(BigInt) }
/** A 64-bit integer that the query casts with `toFloat64`; exact up to 2^53. */
export const whole = numeric('Float64', z.int())

/** `toFloat64(toUnixTimestamp64Milli(…))` of a column, named `…_ms`. */
export const instantMs: Column<EpochMs> = whole
/** `toFloat64` of a column of milliwatt-hours. */
export const energy = whole as Column<EnergyMwh>
export const money: Column<MoneyMicros> = {
  type: 'Int64',
  shape: wholeText.transform((digits) => moneyMicros(BigInt(digits))),
}
export const meter = text as Column<MeterId>
export const eventId = text as Column<EventId>
export const hash = text as Column<Hex32>
export const address: Column<Address> = {
  type: 'String',
  shape: z.string().transform((each) => each.toLowerCase() as Address),
}
/** JSON; ascending and not empty. */
export const datedSteps: Column<DatedSteps> = {
  type: 'String',
  shape: z
    .string()
    .transform((json) => JSON.parse(json) as unknown)
    .pipe(
      z
        .array(z.strictObject({ fromMs: z.int(), intervalS: z.int(), gridOffsetS: z.int() }))
        .nonempty(),
    ),
}
export const quality: Column<Quality> = { type: 'UInt8', shape: z.literal([0, 1, 2]) }
export const standing: Column<Standing> = { type: 'UInt8', shape: z.literal([0, 1, 2]) }
export const reason: Column<RejectReason> = oneOf(rejectReasons)
/** The layer a merged row is from. */
export const origin = oneOf(['batch', 'speed'])

export function oneOf<const Word extends string>(words: readonly Word[]): Column<Word> {
  return { type: 'String', shape: z.enum(words) as unknown as z.ZodType<Word> }
}

export function nullable<Value>({ type, shape }: Column<Value>): Column<Value | null> {
  return { type: `Nullable(${type})`, shape: shape.nullable() }
}

/** Values of several rows, which are one in the answer. */
export function list<Value>({ type, shape }: Column<Value>): Column<readonly Value[]> {
  return { type: `Array(${type})`, shape: z.array(shape) }
}

/** A nullable text that is stored as an empty string. */
export function emptyAsNull<Value>({ type, shape }: Column<Value>): Column<Value | null> {
  return { type, shape: z.union([z.literal('').transform(() => null), shape]) }
}

function numeric(type: string, shape: z.ZodType<number>): Column<number> {
  return { type, shape }
}
