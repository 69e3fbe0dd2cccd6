import { AsOfError } from '../../schemas/errors/view.ts'
import type { EpochMs } from '../../schemas/time.ts'

/** An instant, or places of the log: by partition the first offset that is left out. */
export type AsOf = { readonly instantMs: EpochMs } | { readonly places: readonly number[] }

/** More partitions than any log of ours has. */
const partitionsMax = 4_096

/**
 * `2013-05-02T00:00Z`, or `120,96,88`.
 *
 * @throws AsOfError for anything else.
 */
export function parseAsOf(text: string): AsOf {
  if (/^\d{1,15}(,\d{1,15})*$/.test(text)) {
    const places = text.split(',').map(Number)
    if (places.length <= partitionsMax) return { places }
  } else if (/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(text)) {
    const instantMs = Date.parse(text)
    if (!Number.isNaN(instantMs)) return { instantMs }
  }
  throw new AsOfError({ text })
}
