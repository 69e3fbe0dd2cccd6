import * as z from 'zod'
import { groupKinds } from '../../schemas/meter/groupKind.ts'
import { meterKinds } from '../../schemas/meter/kind.ts'
import { address, groupText, hex32, instant, meterIdText } from './common.ts'

const date = z.iso.date().describe('local date of the site; always without')

/** `GET /meters`: enrolled meters, by id. */
export const meters = z.object({
  meters: z.array(
    z.object({
      meter: meterIdText,
      site: meterIdText,
      kind: z.enum(meterKinds),
      zone: z.string(),
      intervalS: z.int(),
      steps: z.array(
        z.object({
          from: instant.nullable().describe('a local midnight; null: the first'),
          intervalS: z.int(),
          gridOffsetS: z.int().describe('from local midnight to the first interval of a day'),
        }),
      ),
      account: address.nullable(),
      groups: z.array(
        z.object({
          group: groupText,
          kind: z.enum(groupKinds),
          from: instant.nullable(),
          until: instant.nullable(),
          isInherited: z.boolean().describe('through its group: a feeder’s substation'),
        }),
      ),
    }),
  ),
  /** What `after` continues with; null at the end. */
  next: z.string().nullable(),
})
export type Meters = z.infer<typeof meters>

const term = z.object({ meter: meterIdText, sign: z.union([z.literal(1), z.literal(-1)]) })

/** `GET /points`: what is settled of sites, from when. */
export const points = z.object({
  points: z.array(
    z.object({
      site: meterIdText,
      programme: z.string(),
      from: instant,
      terms: z.array(term),
      hash: hex32.describe('of the definition'),
    }),
  ),
  next: z.string().nullable(),
})

/** Body of `POST /points`. */
export const pointsBody = z
  .array(
    z
      .strictObject({
        site: meterIdText,
        programme: z.string().min(1).max(64),
        from: date.optional(),
        quantity: z.enum(['net', 'load']).optional().describe('by the kinds of the site’s meters'),
        terms: z.string().max(4_096).optional().describe('+M1 -M2; empty ends the point'),
      })
      .refine(({ quantity, terms }) => (quantity === undefined) !== (terms === undefined), {
        error: 'needs quantity or terms, not both',
      }),
  )
  .max(10_000)
export type PointsBody = z.infer<typeof pointsBody>

/** `GET /occupancies`: who sites are settled with, from when. */
export const occupancies = z.object({
  occupancies: z.array(z.object({ site: meterIdText, from: instant, account: address.nullable() })),
  next: z.string().nullable(),
})

/** Body of `POST /occupancies`. */
export const occupanciesBody = z
  .array(
    z.strictObject({
      site: meterIdText,
      from: date.optional(),
      account: z
        .string()
        .regex(/^0x[0-9a-fA-F]{40}$/, '0x and 40 hexadecimal digits')
        .nullable()
        .describe('null: nobody'),
    }),
  )
  .max(10_000)
export type OccupanciesBody = z.infer<typeof occupanciesBody>

/** Answer to `POST /points` and `POST /occupancies`. */
export const changed = z.object({ changed: z.int(), unchanged: z.int() })
