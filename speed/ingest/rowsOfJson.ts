import { type DraftContext, draftOfFields, type RowFields } from './draft.ts'
import { ingestLimits } from './limits.ts'
import type { RawRow } from './rawRow.ts'
import { refuse } from './refusal.ts'
import { decodeText } from './splitLines.ts'

/** The rows of a JSON array or of NDJSON, cut into elements by the caller. */
export function* rowsOfJson(
  elements: Iterable<Uint8Array>,
  context: DraftContext,
): Generator<RawRow> {
  let index = 0
  for (const original of elements) {
    yield { index, original, hint: '', content: readElement(original, context) }
    index++
  }
}

function readElement(original: Uint8Array, context: DraftContext): RawRow['content'] {
  const { rowBytesMax } = ingestLimits
  if (original.length > rowBytesMax) {
    return refuse('row-too-long', { bytes: original.length })
  }
  const text = decodeText(original)
  if (text === null) return refuse('not-utf-8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return refuse('not-json', { error: (error as Error).message })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('not-an-object')
  }
  return draftOfFields(value as RowFields, context)
}
