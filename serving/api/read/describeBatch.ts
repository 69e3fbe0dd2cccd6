import type { Generation } from '../../../schemas/generation.ts'
import type { JobReport } from '../../../schemas/ports/jobs.ts'
import type { Status } from '../../shapes/status.ts'

type LayerState = Status['layers']['batch']

export type DescribeBatchParameters = {
  /** Newest first. */
  readonly recent: readonly JobReport[]
  readonly published: Generation | null
  readonly dirtyDays: Status['dirtyDays']
  /** Whether dirty days are recomputed without being asked for. */
  readonly isDaily: boolean
}

/**
 * The state of the batch layer, and what an operator has to do. Times are in `generation` and
 * `dirtyDays`: a page shows them in its own zone.
 */
export function describeBatch(parameters: DescribeBatchParameters): LayerState {
  const { recent, published } = parameters
  const active = recent.filter(({ state }) => state === 'active' || state === 'waiting')
  const waits = describePublished(parameters)
  if (active.length > 0) {
    return say('ok', `${active.map(({ id }) => id).join(', ')} under way.`, waits)
  }
  const newest = recent[0]
  if (newest?.state === 'failed') {
    // The reason may name a meter, and this is public.
    return say('failed', `${newest.id} failed; GET /api/v1/jobs says why.`, waits)
  }
  if (published === null) return say('waiting', 'No generation has been published yet.', [])
  const { generation, heldSinceMs } = published
  const held = heldSinceMs === null ? 'ok' : 'waiting'
  const state = parameters.dirtyDays ? 'behind' : held
  return say(state, `Generation ${generation} is published.`, waits)
}

function say(state: LayerState['state'], sentence: string, waits: readonly string[]): LayerState {
  return { state, sentence: [sentence, ...waits].join(' ') }
}

/** What keeps the published generation behind, also while a job runs or has failed. */
function describePublished(parameters: DescribeBatchParameters): string[] {
  const { published, dirtyDays, isDaily } = parameters
  const sentences: string[] = []
  if (published && dirtyDays) {
    const { days, meters } = dirtyDays
    const next = isDaily
      ? 'they are computed again soon'
      : 'POST /api/v1/jobs with this high-water mark computes them again'
    sentences.push(`${days} of its days (${meters} meters) have later readings: ${next}.`)
  }
  if (published && published.heldSinceMs !== null) {
    const until = 'until POST /api/v1/jobs asks for one'
    sentences.push(`Later high-water marks are held back by an operator ${until}.`)
  }
  return sentences
}
