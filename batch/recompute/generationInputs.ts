import * as z from 'zod'
import type { DeviationOptions } from '../../schemas/deviation/options.ts'
import type { Grid } from '../../schemas/meter/grid.ts'
import type { Views } from '../../schemas/ports/views.ts'

/** Inputs of a generation; the next one recomputes what depends on the difference. */
export type GenerationInputs = {
  readonly method: string
  readonly excludedDates: readonly string[]
  readonly holidays: readonly string[]
  /** `formulaVersion` of the code that computed it. */
  readonly formula: number
  readonly deviation: DeviationOptions
  /** The zone of high-water marks; sums of groups are stored by its days. */
  readonly zone: string
  /**
   * Each group and the intervals of its sums (`groupGridOf`). Pairs, because a group may be called
   * `__proto__`, which no parsed object keeps as a key.
   */
  readonly grids: readonly (readonly [group: string, grid: Grid])[]
  /** By partition, the offset up to which the log was in the master data set. */
  readonly places: readonly number[]
  /** The newest version among the meters' records, and how many have it. */
  readonly metersVersion: number
  readonly metersOfVersion: number
  /** The newest change of an occupant. */
  readonly occupanciesVersion: number
  /** The released model of each interval length in use, s. */
  readonly models: readonly (readonly [stepS: number, id: string])[]
}

const step = z.object({ fromMs: z.number(), intervalS: z.number(), gridOffsetS: z.number() })

const schema: z.ZodType<GenerationInputs> = z.object({
  method: z.string(),
  excludedDates: z.array(z.string()),
  holidays: z.array(z.string()),
  formula: z.number(),
  // An option we do not know may have changed the rows.
  deviation: z.strictObject({
    bandWh: z.number(),
    alpha: z.number(),
    ratioHalfLifeS: z.number(),
    ratioMin: z.number(),
    ratioMax: z.number(),
  }),
  zone: z.string(),
  grids: z.array(z.tuple([z.string(), z.object({ zone: z.string(), steps: z.array(step) })])),
  places: z.array(z.number()),
  metersVersion: z.number(),
  metersOfVersion: z.number(),
  occupanciesVersion: z.number(),
  models: z.array(z.tuple([z.number(), z.string()])),
})

export function encodeInputs(inputs: GenerationInputs): string {
  return JSON.stringify(inputs)
}

/** Whether two are equal but for the places in the log, whose readings are compared by day. */
export function areSameInputs(left: GenerationInputs, right: GenerationInputs): boolean {
  const [before, now] = [left, right].map(({ places: _, deviation, ...others }) => {
    const entries = [...Object.entries(others), ...Object.entries(deviation)]
    return JSON.stringify(entries.sort(([one], [other]) => (one < other ? -1 : 1)))
  })
  return before === now
}

/** Null before the first generation or if unknown: then everything is recomputed. */
export async function readInputs(
  views: Views,
  generation: number,
): Promise<GenerationInputs | null> {
  const [row] = await views.query('generation_inputs', { generation })
  if (!row || row.inputs === '') return null
  const parsed = schema.safeParse(parseJson(row.inputs))
  return parsed.success ? parsed.data : null
}

/** Undefined where the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
