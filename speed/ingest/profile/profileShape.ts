import { z } from 'zod'
import { isMeterId } from '../../../schemas/ids.ts'

/** A column by its name in the header; of several names, the first one that is there. */
const columnName = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])

/** What a column of the file says. `import` and `export` are values of their own meters. */
const columns = z.strictObject({
  start: columnName.optional().describe('stamp of the start, or the only stamp'),
  end: columnName.optional(),
  date: columnName.optional().describe('the day, where the time has a column of its own'),
  startTime: columnName.optional(),
  endTime: columnName.optional(),
  duration: columnName.optional().describe('seconds, minutes, H:mm:ss or PT30M'),
  meter: columnName.optional(),
  channel: columnName.optional().describe('of a meter: its readings are of METER-CHANNEL'),
  flow: columnName.optional().describe('import or export, by row'),
  accumulation: columnName.optional().describe('delta, or cumulative: a register'),
  value: columnName.optional(),
  import: columnName.optional(),
  export: columnName.optional().describe('fed in: negative, of the meter NAME-export'),
  power: columnName.optional().describe('mean W beside an energy'),
  reactive: columnName.optional(),
  unit: columnName.optional(),
  quality: columnName.optional(),
  revision: columnName.optional(),
  saidAt: columnName.optional(),
})

const qualityWord = z.strictObject({
  quality: z.enum(['measured', 'substituted', 'estimated']).optional(),
  standing: z.enum(['fill', 'stated', 'held']).optional(),
  void: z.boolean().optional().describe('the interval is missing, whatever the value'),
})

export const units = ['mWh', 'Wh', 'kWh', 'MWh', 'W', 'kW', 'MW'] as const

const registerText = z.string().regex(/^\d{1,15}(\.\d{1,9})?$/, 'a number such as 701.5')
const reset = z.strictObject({
  from: z.string(),
  to: z.string(),
  meter: z.string().optional().describe('the only one; absent: every meter of the file'),
  end: registerText.optional().describe('register of the old meter when it went, in the unit'),
  start: registerText.optional().describe('register of the new meter when it came'),
})

/** How a file is read. Whatever is absent is detected, with evidence. */
export const profileShape = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().optional(),
  title: z.string().optional(),
  note: z.string().optional().describe('shown where a file is read so'),
  /** The fields of `TableProfile`. */
  format: z.enum(['csv', 'nem12', 'json', 'ndjson', 'xlsx', 'espi-xml']).optional(),
  encoding: z.string().optional(),
  delimiter: z
    .string()
    .regex(/^(.|comma|semicolon|tab)$/, 'one character, or comma, semicolon or tab')
    .optional(),
  sheet: z.string().optional(),
  headerRow: z.int().min(0).optional().describe('line of the file, from 1; 0: none'),
  layout: z
    .enum(['tidy', 'wide', 'days'])
    .optional()
    .describe('days: a row a day, columns are times'),
  columns: columns.optional(),
  dateFormat: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe('iso, or a pattern such as dd/MM/yyyy HH:mm; of several, the one that fits'),
  zone: z.string().optional().describe('IANA name for stamps without an offset'),
  stamp: z.enum(['start', 'end']).optional(),
  repeatedHour: z.enum(['order', 'first', 'refuse']).optional(),
  decimal: z.enum(['.', ',']).optional(),
  thousands: z.enum(['.', ',', ' ', "'", '']).optional(),
  unit: z.enum(units).optional(),
  quantity: z.enum(['energy', 'power', 'register']).optional(),
  sign: z.enum(['import', 'export']).optional(),
  missing: z.array(z.string()).optional().describe('cell values that mean "no data"'),
  void: z.array(z.string()).optional().describe('cell values that void the interval'),
  durationUnit: z.enum(['s', 'min']).optional().describe('of bare numbers'),
  step: z.int().min(1).max(86_400).optional().describe('seconds'),
  meter: z.string().optional().describe('where no column names it'),
  meters: z
    .record(
      z.string(),
      z.string().refine((text): boolean => isMeterId(text), 'a meter id'),
    )
    .optional()
    .describe('meters by what the file calls them, such as the name of a series'),
  quality: z.record(z.string(), qualityWord).optional(),
  flow: z
    .record(z.string(), z.enum(['import', 'export']))
    .optional()
    .describe('words of the column flow'),
  register: z
    .strictObject({
      digits: z.int().min(1).max(15).optional().describe('before the decimal sign; rolls over'),
      at: z
        .enum(['stamp', 'end'])
        .optional()
        .describe('end: read at the end of the step that its stamp begins'),
      reset: z
        .union([reset, z.array(reset)])
        .optional()
        .describe('window in which a meter was exchanged or its register reset'),
    })
    .optional(),
})

export type Profile = z.infer<typeof profileShape>
export type ProfileColumn = keyof NonNullable<Profile['columns']>
export type QualityWord = z.infer<typeof qualityWord>
export type Unit = (typeof units)[number]
