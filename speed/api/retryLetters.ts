import type { DeadLetter } from '../../schemas/deadLetter.ts'
import { InvalidArgumentError } from '../../schemas/errors.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Reading, RejectReason } from '../../schemas/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { ingestLimits } from '../ingest/limits.ts'
import { parseBody } from '../ingest/parseBody.ts'
import { bodyOfDeadLetter } from '../ingest/source.ts'
import { appendOnce } from './appendOnce.ts'
import { loadKeyMemory } from './keyMemory.ts'
import type { MeterRegistry } from './registry.ts'

export type RetryLettersParameters = {
  readonly log: Log
  readonly clock: Clock
  readonly registry: MeterRegistry
  readonly partitions: number
  /** Each with its offset in `readings.v1.rejected`. */
  readonly letters: readonly (DeadLetter & { readonly offset: number })[]
  readonly isDryRun: boolean
}

export type RetryLettersReturnType = {
  /** Letters that are valid now, and in the log unless it was a dry run. */
  readonly queued: number
  /** The reason of each that still is not. */
  readonly stillRejected: readonly RejectReason[]
}

/**
 * Checks dead letters again as the door would today: a meter may have been enrolled since.
 *
 * What is valid goes into the log under a key of its offset, so that the same again appends
 * nothing. What is not stays the dead letter it is; no second one is written.
 */
export async function retryLetters(
  request: RetryLettersParameters,
): Promise<RetryLettersReturnType> {
  const { log, clock, registry, partitions, letters } = request
  await registry.refresh()
  const nowMs = clock.nowMs()
  const outcomes = letters.map((letter) => ({
    letter,
    outcome: readAgain(letter, registry, nowMs),
  }))
  const stillRejected = outcomes.flatMap(({ outcome }) => {
    return typeof outcome === 'string' ? [outcome] : []
  })
  const valid = outcomes.flatMap(({ letter, outcome }) => {
    return typeof outcome === 'string' ? [] : [{ letter, reading: outcome }]
  })
  if (request.isDryRun || valid.length === 0) return { queued: valid.length, stillRejected }
  const memory = await loadKeyMemory({ log, partitions, keysMax: ingestLimits.keysMax })
  const common = { log, memory, partitions, rejections: [], nowMs }
  await Promise.all(
    valid.map(({ letter, reading }) =>
      appendOnce({ ...common, key: `retry-${letter.offset}`, readings: [reading] }),
    ),
  )
  return { queued: valid.length, stillRejected }
}

/** The reading a letter holds, or why it still is none. */
function readAgain(
  letter: DeadLetter,
  registry: MeterRegistry,
  nowMs: EpochMs,
): Reading | RejectReason {
  try {
    const original = Buffer.from(letter.originalBase64, 'base64')
    const { body, format } = bodyOfDeadLetter(letter.source, original)
    const { rows, rejections } = parseBody(body, { format, nowMs, source: letter.source })
    const reading = rows[0]?.reading
    if (!reading) return rejections[0]?.reason ?? letter.reason
    return registry.get(reading.meter) ? reading : 'unknown-meter'
  } catch (error) {
    // Bytes that cannot be cut into a row by themselves stay what they were.
    if (error instanceof InvalidArgumentError) return letter.reason
    throw error
  }
}
