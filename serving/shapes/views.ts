import * as z from 'zod'
import { groupText, instant, meterIdText, mwh } from './common.ts'

const columnKinds = ['text', 'instant', 'integer', 'number', 'boolean'] as const

const column = z.object({
  name: z.string(),
  kind: z.enum(columnKinds),
  /** `mWh`, `W`, `Wh`, `s`, `micros`; null where there is none. */
  unit: z.string().nullable(),
  isNullable: z.boolean(),
  about: z.string(),
})
export type Column = z.infer<typeof column>

const viewNames = [
  'deviation',
  'group',
  'forecast',
  'group_forecast',
  'baseline',
  'readings',
  'exceptions',
  'rejected',
  'events',
  'settlements',
  'settlement_lines',
  'attestations',
] as const

export const viewParameters = ['meter', 'group', 'event', 'period', 'from', 'to', 'asOf'] as const

const viewDescription = z.object({
  name: z.enum(viewNames),
  about: z.string(),
  /** `group`: open. `meter`: shows single meters and needs the token. */
  scope: z.enum(['group', 'meter']),
  parameters: z.array(z.enum(viewParameters)),
  order: z.enum(['ascending', 'descending']),
  columns: z.array(column),
})
export type ViewDescription = z.infer<typeof viewDescription>
export const viewCatalogue = z.object({ views: z.array(viewDescription) })

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** `GET /views/{name}`; csv and arrow carry the same rows under the same names. */
export const viewRows = z.object({
  view: z.enum(viewNames),
  from: instant.nullable(),
  to: instant.nullable(),
  rows: z.array(z.record(z.string(), cell)),
  /** Whether `limit` left rows off. */
  isTruncated: z.boolean(),
  /** What `page` continues with, and `from` too where it is an instant; null at the end. */
  next: z.string().nullable(),
})
export type ViewRows = z.infer<typeof viewRows>

/** One row of the view `deviation` and of `exceptions`. */
export const deviationRow = z.object({
  meter: meterIdText,
  group: groupText,
  start: instant,
  durationS: z.int(),
  energyMwh: mwh,
  baselineMwh: mwh.nullable(),
  ratio: z.number().nullable(),
  deviationW: z.number().nullable(),
  z: z.number().nullable(),
  rollingWh: z.number().nullable(),
  isException: z.boolean(),
  origin: z.enum(['batch', 'speed']),
})
export type DeviationRow = z.infer<typeof deviationRow>

/** One row of the view `group`. */
export const groupRow = z.object({
  group: groupText,
  start: instant,
  durationS: z.int(),
  /** Members with a reading and a baseline; rows of a single one need the token. */
  members: z.int(),
  loadW: z.number(),
  baselineW: z.number().nullable(),
  deviationW: z.number().nullable(),
  origin: z.enum(['batch', 'speed']),
})
export type GroupRow = z.infer<typeof groupRow>

/** `GET /forecasts`: one meter, or the sum over a group's members (all meters without one). */
export const forecasts = z.object({
  meter: z.string().nullable(),
  group: z.string().nullable(),
  from: instant,
  to: instant,
  intervals: z.array(
    z.object({
      start: instant,
      durationS: z.int(),
      forecastMwh: mwh,
      /** Mean power, W. */
      forecastW: z.number(),
      members: z.int(),
      model: z.string(),
      /** `fallback` and the like; empty for none. */
      flag: z.string(),
    }),
  ),
})
export type Forecasts = z.infer<typeof forecasts>

export const groups = z.object({
  groups: z.array(
    z.object({
      group: z.string(),
      zone: z.string().describe('IANA zone of its sites; several are joined by a comma'),
      intervalS: z.int().describe('The longest of its meters: the interval of its sums'),
      members: z.int(),
      /** Members with an account: they may take part in events. */
      accounts: z.int(),
      meters: z
        .array(meterIdText)
        .optional()
        .describe(
          'With the token only: the first hundred, or fewer of very many groups; ' +
            '`GET /meters?group=` has all',
        ),
    }),
  ),
})
export type Groups = z.infer<typeof groups>
