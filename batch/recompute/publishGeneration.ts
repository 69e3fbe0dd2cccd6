import { GenerationTakenError } from '../../schemas/errors/generation.ts'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import { type Generation, noGeneration } from '../../schemas/generation.ts'
import { readPublished } from '../../schemas/ports/readPublished.ts'
import { onceKeysMax, type Views } from '../../schemas/ports/views.ts'
import { encodeInputs, type GenerationInputs } from './generationInputs.ts'

/**
 * Publishes the generation with one row, inserted after everything it refers to.
 *
 * Two runs after the same generation would publish the same number. The store keeps the first row
 * of a key and drops the others, so that one of them wins, however long either pauses between any
 * two lines of this function; the other one sees that the row is not its own.
 *
 * @throws GenerationTakenError when another run has taken the number.
 */
export async function publishGeneration(
  views: Views,
  made: Generation,
  inputs: GenerationInputs,
): Promise<void> {
  const row = {
    generation: made.generation,
    run: made.run,
    high_water: made.highWaterMs,
    horizon: made.horizonMs,
    model_id: made.modelId ?? '',
    created: made.createdMs,
    inputs: encodeInputs(inputs),
    held_since: made.heldSinceMs,
  }
  for (let key = 0; key < onceKeysMax; key++) {
    const before = (await readPublished(views)) ?? noGeneration
    // The insert may have succeeded although its response was lost.
    if (before.run === made.run) return
    if (before.generation >= made.generation) throw superseded(before, made)
    await views.insert('generations', [row], { onceKey: `${made.generation}/${key}` })
  }
  const after = (await readPublished(views)) ?? noGeneration
  if (after.run === made.run) return
  if (after.generation >= made.generation) throw superseded(after, made)
  throw new InvariantError(`Generation ${made.generation} could not be published.`)
}

function superseded(published: Generation, made: Generation): GenerationTakenError {
  const { generation } = made
  return new GenerationTakenError({ generation, published: published.generation })
}
