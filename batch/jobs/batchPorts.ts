import type { Clock } from '../../schemas/ports/clock.ts'
import type { Inference } from '../../schemas/ports/inference.ts'
import type { Models } from '../../schemas/ports/models.ts'
import type { Views } from '../../schemas/ports/views.ts'

/** Ports of training and recomputation; a worker opens its own. */
export type BatchPorts = {
  readonly views: Views
  readonly models: Models
  readonly inference: Inference
  readonly clock: Clock
}
