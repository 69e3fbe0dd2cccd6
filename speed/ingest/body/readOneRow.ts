import { isAscii } from 'node:buffer'
import type { Reading } from '../../../schemas/reading/reading.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import { draftOfFields, hasLocalStamp, type RowFields } from '../draft.ts'
import { isRefusal, judgeDraft, type SaidBy } from '../judgeDraft.ts'
import { ingestLimits } from '../limits.ts'
import { createInstantReader } from '../readInstant.ts'

/**
 * Stamps of one second arrive from a thousand meters. A trimmed one is a slice that keeps the whole
 * text in memory, here for as long as the process: so bodies are short (8 MiB for all stamps).
 */
const readStamp = createInstantReader()

/**
 * The reading of a JSON array that has one, as most requests of gateways do; null of any other
 * body, and where a closer look is needed: `parseBody` reads that. By the same judge, without what
 * only many rows, a refusal, or another zone than that of the stamps need.
 */
export function readOneRow(body: Uint8Array, nowMs: EpochMs, by: SaidBy): Reading | null {
  const fields = onlyElement(body)
  if (fields === null || fields.place !== undefined || hasLocalStamp(fields)) return null
  const draft = draftOfFields(fields, readStamp)
  if (draft.register) return null
  const outcome = judgeDraft(draft, nowMs, by)
  return isRefusal(outcome) ? null : outcome
}

function onlyElement(body: Uint8Array): RowFields | null {
  // Each byte of ASCII is a character, whatever the encoding is.
  if (body.length > ingestLimits.oneRowBytesMax || !isAscii(body)) return null
  const elements = parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1'))
  if (!Array.isArray(elements) || elements.length !== 1) return null
  const [only] = elements as unknown[]
  const isObject = typeof only === 'object' && only !== null && !Array.isArray(only)
  return isObject ? (only as RowFields) : null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
