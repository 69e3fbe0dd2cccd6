import { GenerationTakenError } from '../../schemas/errors/generation.ts'
import type { Generation } from '../../schemas/generation.ts'
import type { Views } from '../../schemas/ports/views.ts'

/** Stands before the first generation. */
const noGeneration: Omit<Generation, 'createdMs'> = {
  generation: 0,
  highWaterMs: Number.NEGATIVE_INFINITY,
  horizonMs: Number.NEGATIVE_INFINITY,
  modelId: null,
}

/** The newest generation; number 0 before the first. */
export async function readPublished(views: Views): Promise<Omit<Generation, 'createdMs'>> {
  const [row] = await views.query('published_generation')
  if (!row) return noGeneration
  return {
    generation: row.generation,
    highWaterMs: row.high_water_ms,
    horizonMs: row.horizon_ms,
    modelId: row.model_id === '' ? null : row.model_id,
  }
}

/**
 * Moves the pointer: one row, after everything it points to.
 *
 * @throws GenerationTakenError when another run has taken the number meanwhile.
 */
export async function publishGeneration(views: Views, made: Generation): Promise<void> {
  const published = await readPublished(views)
  if (published.generation !== made.generation - 1) {
    const race = { generation: made.generation, published: published.generation }
    throw new GenerationTakenError(race)
  }
  await views.insert('generations', [
    {
      generation: made.generation,
      high_water: made.highWaterMs,
      horizon: made.horizonMs,
      model_id: made.modelId ?? '',
      created: made.createdMs,
    },
  ])
}
