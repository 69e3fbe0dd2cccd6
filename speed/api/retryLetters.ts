import type { DeadLetter } from '../../schemas/deadLetter.ts'
import { InvalidArgumentError } from '../../schemas/errors.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Reading, RejectReason } from '../../schemas/reading.ts'
import { parseBody } from '../ingest/parseBody.ts'
import { bodyOfDeadLetter } from '../ingest/source.ts'
import { appendOnce } from './appendOnce.ts'
import { type KeyMemory, loadKeyMemory } from './keyMemory.ts'
import type { MeterRegistry } from './registry.ts'

export type RetryLettersParameters = {
  readonly log: Log
  readonly clock: Clock
  readonly registry: MeterRegistry
  readonly partitions: number
  readonly letters: readonly (DeadLetter & { readonly offset: number })[]
  /** Says what would become of them and appends nothing. */
  readonly isDryRun: boolean
}

export type RetryLettersReturnType = {
  readonly queued: number
  readonly stillRejected: readonly RejectReason[]
}

/** Keys of retries that are remembered a partition; older ones end up as duplicates. */
const keysMax = 10_000

/**
 * Reads dead letters again as the door would now: after a meter was enrolled, say.
 *
 * Each letter has a key of its own, so that trying twice appends once. Letters stay where they
 * are: what was refused was refused.
 */
export async function retryLetters(
  parameters: RetryLettersParameters,
): Promise<RetryLettersReturnType> {
  const { log, clock, registry, partitions, letters, isDryRun } = parameters
  await registry.refresh()
  const nowMs = clock.nowMs()
  const outcomes = letters.map((letter) => ({
    letter,
    outcome: readAgain(letter, nowMs, registry),
  }))
  const valid = outcomes.flatMap(({ letter, outcome }) =>
    typeof outcome === 'string' ? [] : [{ letter, readings: outcome }],
  )
  if (!isDryRun && valid.length > 0) {
    const memory: KeyMemory = await loadKeyMemory({ log, partitions, keysMax })
    const at = { log, memory, partitions, rejections: [], nowMs }
    await Promise.all(
      valid.map(({ letter, readings }) =>
        appendOnce({ ...at, readings, key: `retry-${letter.offset}` }),
      ),
    )
  }
  const stillRejected = outcomes.flatMap(({ outcome }) =>
    typeof outcome === 'string' ? [outcome] : [],
  )
  return { queued: valid.length, stillRejected }
}

/** The readings of a letter, or why it is still refused. */
function readAgain(
  letter: DeadLetter,
  nowMs: number,
  registry: MeterRegistry,
): readonly Reading[] | RejectReason {
  const { source } = letter
  const original = Buffer.from(letter.originalBase64, 'base64')
  try {
    const { body, format } = bodyOfDeadLetter(source, original)
    const { rows, rejections } = parseBody(body, { format, nowMs, source })
    const [first] = rejections
    if (first || rows.length === 0) return first?.reason ?? letter.reason
    const isKnown = rows.every(({ reading }) => registry.get(reading.meter))
    return isKnown ? rows.map(({ reading }) => reading) : 'unknown-meter'
  } catch (error) {
    // Bytes that do not stand for themselves: their reason is what it was.
    if (error instanceof InvalidArgumentError) return letter.reason
    throw error
  }
}
