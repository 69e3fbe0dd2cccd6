import * as z from 'zod'
import type { DeviationOptions } from '../../schemas/deviation/options.ts'
import { InvariantError, sentenceOf } from '../../schemas/errors/wattproofError.ts'
import type { Views } from '../../schemas/ports/views.ts'

/** Inputs of a generation; the next one recomputes what depends on the difference. */
export type GenerationInputs = {
  readonly method: string
  readonly excludedDates: readonly string[]
  readonly holidays: readonly string[]
  readonly deviation: DeviationOptions
  /** The zone of high-water marks; sums of groups are stored by its days. */
  readonly zone: string
  /** By group, the longest interval of its members, s: the interval of its sums. */
  readonly steps: Readonly<Record<string, number>>
  /** By partition, the offset up to which the log was in the master data set. */
  readonly places: readonly number[]
  /** The newest version among the meters' records, and how many have it. */
  readonly metersVersion: number
  readonly metersOfVersion: number
}

const schema = z.object({
  method: z.string(),
  excludedDates: z.array(z.string()),
  holidays: z.array(z.string()),
  deviation: z.record(z.string(), z.number()),
  zone: z.string(),
  steps: z.record(z.string(), z.number()),
  places: z.array(z.number()),
  metersVersion: z.number(),
  metersOfVersion: z.number(),
})

export function encodeInputs(inputs: GenerationInputs): string {
  return JSON.stringify(inputs)
}

/** Null before the first generation or if unknown: then everything is recomputed. */
export async function readInputs(
  views: Views,
  generation: number,
): Promise<GenerationInputs | null> {
  const [row] = await views.query('generation_inputs', { generation })
  if (!row || row.inputs === '') return null
  const parsed = schema.safeParse(JSON.parse(row.inputs))
  if (parsed.success) return parsed.data as unknown as GenerationInputs
  throw new InvariantError(`Inputs of generation ${generation}: ${sentenceOf(parsed.error)}`)
}
