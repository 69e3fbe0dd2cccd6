import { EmptyRangeError, InstantTextError, RangeTooLongError } from '../../schemas/errors/view.ts'
import { type EpochMs, isoUtc, type TimeRange } from '../../schemas/time.ts'

export type ParseRangeParameters = {
  /** ISO 8601 with an offset, or absent. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** The defaults of absent ends. */
  readonly default: TimeRange
  readonly daysMax: number
}

const dayMs = 86_400_000

/**
 * The requested range. One given end keeps the length of the default range.
 *
 * @throws TimeRangeError when it is empty, the wrong way round or longer than `daysMax`.
 */
export function parseRange(parameters: ParseRangeParameters): TimeRange {
  const fallback = parameters.default
  const lengthMs = fallback.endMs - fallback.startMs
  const from = parameters.from === undefined ? null : parseInstant(parameters.from)
  const to = parameters.to === undefined ? null : parseInstant(parameters.to)
  const startMs = from ?? (to === null ? fallback.startMs : Math.max(to - lengthMs, 0))
  const endMs = to ?? (from === null ? fallback.endMs : from + lengthMs)
  if (startMs >= endMs) throw new EmptyRangeError({ from: isoUtc(startMs), to: isoUtc(endMs) })
  if (endMs - startMs > parameters.daysMax * dayMs) {
    throw new RangeTooLongError({ daysMax: parameters.daysMax })
  }
  return { startMs, endMs }
}

/** @throws InstantTextError for text that is not an instant. */
function parseInstant(text: string): EpochMs {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new InstantTextError({ text })
  return ms
}
