import { TooLargeError } from '../../schemas/errors/request.ts'
import type { Reading, Rejection } from '../../schemas/reading/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { mwhPerWh } from './draft.ts'
import type { BodyFormat } from './format.ts'
import { isRefusal, judgeDraft } from './judgeDraft.ts'
import { ingestLimits } from './limits.ts'
import type { RawItem, RawRow } from './rawRow.ts'
import { createInstantReader } from './readInstant.ts'
import type { Refusal } from './refusal.ts'
import { rowsOfFrame } from './rowsOfFrame.ts'
import { rowsOfJson } from './rowsOfJson.ts'
import { rowsOfTidy } from './rowsOfTidy.ts'
import { rowsOfWide } from './rowsOfWide.ts'
import { sourceOf } from './source.ts'
import { splitJsonArray } from './splitJsonArray.ts'
import { splitLines } from './splitLines.ts'

export type ParseBodyOptions = {
  readonly format: BodyFormat
  readonly nowMs: EpochMs
  /** File name or client. */
  readonly source: string
  readonly rowsMax?: number
}

/** A reading with its original bytes, in case its meter turns out to be unknown. */
export type ParsedRow = { readonly reading: Reading; readonly row: RawRow }

export type ParsedBody = {
  readonly rows: readonly ParsedRow[]
  readonly rejections: readonly Rejection[]
  /** Empty cells of a wide file, or rows of a tidy file without a value. */
  readonly gaps: number
}

/**
 * Readings and rejections of one body: every row becomes one or the other.
 *
 * @throws InvalidArgumentError when the body as a whole cannot be read; TooLargeError when it has
 * more than `rowsMax` rows.
 */
export function parseBody(body: Uint8Array, options: ParseBodyOptions): ParsedBody {
  const rows: ParsedRow[] = []
  const rejections: Rejection[] = []
  const rowsMax = options.rowsMax ?? ingestLimits.rowsMax
  let gaps = 0
  for (const item of itemsOf(body, options.format)) {
    if ('gaps' in item) {
      gaps += item.gaps
      continue
    }
    if (rows.length + rejections.length >= rowsMax) {
      throw new TooLargeError({ readingsMax: rowsMax })
    }
    const { content } = item
    const outcome = 'reason' in content ? content : judgeDraft(content, options.nowMs)
    if (isRefusal(outcome)) rejections.push(toRejection(item, outcome, options))
    else rows.push({ reading: outcome, row: item })
  }
  return { rows, rejections, gaps }
}

/** The rejection of a row, for a reason found by `parseBody` or later by its caller. */
export function toRejection(
  row: RawRow,
  refusal: Refusal,
  options: Pick<ParseBodyOptions, 'format' | 'source'>,
): Rejection {
  return {
    ...refusal,
    // A row too large to read is too large to keep; its beginning identifies it.
    original: row.original.slice(0, ingestLimits.rowBytesMax),
    source: sourceOf(options.source, options.format, row.hint),
    index: row.index,
  }
}

function itemsOf(body: Uint8Array, format: BodyFormat): Iterable<RawItem> {
  const readInstant = createInstantReader(format.zone)
  const context = { readInstant, mwhPerUnit: mwhPerWh }
  switch (format.kind) {
    case 'json':
      return rowsOfJson(splitJsonArray(body), context)
    case 'ndjson':
      return rowsOfJson(splitLines(body), context)
    case 'tidy':
      return rowsOfTidy(body, context)
    case 'wide':
      return rowsOfWide(body, { format, readInstant })
    case 'frame':
      return rowsOfFrame(body)
  }
}
