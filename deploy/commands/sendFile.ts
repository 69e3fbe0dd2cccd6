import { placeOfRefusal } from '../../speed/ingest/body/placeOfRefusal.ts'
import type { Place, RawRow } from '../../speed/ingest/body/rawRow.ts'
import { fieldsOf, type ReadAs, readAsText } from '../../speed/ingest/body/readAs.ts'
import type { FileRead, FileRow } from '../../speed/ingest/body/readFile.ts'
import { placedElement } from '../../speed/ingest/body/rowsOfJson.ts'
import { countReasons } from '../../speed/ingest/countReasons.ts'
import type { Draft } from '../../speed/ingest/draft.ts'
import { isRefusal, type SaidBy } from '../../speed/ingest/judgeDraft.ts'
import { ingestLimits } from '../../speed/ingest/limits.ts'
import { addCounts } from '../../speed/ingest/profile/countGaps.ts'
import type { GapCounts, GapKind } from '../../speed/ingest/profile/reading.ts'
import type { Refusal } from '../../speed/ingest/refusal.ts'
import { decodeText } from '../../speed/ingest/splitLines.ts'
import type { ApiClient } from '../client/client.ts'
import type { Refused } from './refusalList.ts'

/** The last offset of what was sent, by partition. */
export type Ends = { readonly partitions: Map<string, number>; rejected: number }

type RefusedInFile = Omit<Refused, 'file'>

export type SentPart = {
  readonly read: number
  readonly queued: number
  /** What registers do not tell, together with those of other files. */
  readonly gapsByKind: GapCounts
  readonly rejectedByReason: Readonly<Record<string, number>>
  /** All that were refused here; of those that the API refused the first of each request. */
  readonly rejected: readonly RefusedInFile[]
}

export type FileSender = {
  send(file: string, part: Pick<FileRead, 'rows'>): Promise<SentPart>
}

type Answer = {
  readonly read: number
  readonly queued: number
  readonly gapsByKind: GapCounts
  readonly repeated: number
  readonly position: Readonly<Record<string, number>>
  readonly rejectedPosition: number | null
  readonly rejectedByReason: Readonly<Record<string, number>>
  readonly rejected: readonly RefusedInFile[]
}

/** Rows of a request. */
export const readingsMax = 20_000
const refusedMax = 2_000

/**
 * Sends parts of files in their order: readings with their places, and what could not be read as
 * dead letters, so that nothing that was refused is lost.
 */
export function openSender(
  client: ApiClient,
  work: { readonly ingest: string; readonly source: string; readonly ends: Ends },
): FileSender {
  const { ingest, source, ends } = work
  const by = { ingest, source }
  let requests = 0
  // A request that is sent again within this run has the key that it had.
  const keyOf = () => `ingest-${ingest}-${requests++}`
  const note = (position: Answer['position'], rejected: number | null) => {
    for (const [partition, offset] of Object.entries(position)) {
      ends.partitions.set(partition, Math.max(ends.partitions.get(partition) ?? -1, offset))
    }
    ends.rejected = Math.max(ends.rejected, rejected ?? -1)
  }
  const sendReadings = async (file: string, lines: readonly string[]) => {
    const query = new URLSearchParams({ file, ingest, ...(source === '' ? {} : { source }) })
    const sent = await client.post<Answer>(`/readings?${query}`, `${lines.join('\n')}\n`, {
      contentType: 'application/x-ndjson',
      idempotencyKey: keyOf(),
    })
    note(sent.position, sent.rejectedPosition)
    return sent
  }
  const sendRefused = async (file: string, cells: readonly object[]) => {
    const query = new URLSearchParams({ file })
    const sent = await client.post<Pick<Answer, 'rejectedPosition'>>(
      `/rejected?${query}`,
      JSON.stringify(cells),
      { contentType: 'application/json', idempotencyKey: keyOf() },
    )
    note({}, sent.rejectedPosition)
  }
  return {
    async send(file, { rows }) {
      const readings = rows.filter(({ outcome }) => !isRefusal(outcome))
      const refused = rows.filter(({ outcome }) => isRefusal(outcome))
      let queued = 0
      let read = refused.length
      const gapsByKind: Partial<Record<GapKind, number>> = {}
      const own = refused.map(({ row, outcome }) => refusedOf(row, outcome as Refusal))
      const byReason: Record<string, number> = countReasons(own)
      const rejected: RefusedInFile[] = [...own]
      for (let at = 0; at < readings.length; at += readingsMax) {
        const lines = readings.slice(at, at + readingsMax).map(({ row }) => lineOf(row))
        const sent = await sendReadings(file, lines)
        // A key is of this run, so what was there already is by its own first attempt.
        queued += sent.queued + sent.repeated
        read += sent.read
        addCounts(gapsByKind, sent.gapsByKind)
        rejected.push(...sent.rejected)
        for (const [reason, count] of Object.entries(sent.rejectedByReason)) {
          byReason[reason] = (byReason[reason] ?? 0) + count
        }
      }
      for (let at = 0; at < refused.length; at += refusedMax) {
        await sendRefused(
          file,
          refused.slice(at, at + refusedMax).map((row) => cellOf(row, by)),
        )
      }
      return { read, queued, gapsByKind, rejectedByReason: byReason, rejected }
    },
  }
}

/** A reading as NDJSON, with the place that its dead letter would have. */
export function lineOf({ content, place, readAs, original }: RawRow): string {
  // An element of JSON goes as it is, so that its dead letter has its own bytes.
  const isAlone = readAs.kind === 'element' && readAs.zone === undefined
  const text = isAlone
    ? Buffer.from(original)
        .toString()
        .trim()
        .replaceAll(/\s*\n\s*/g, ' ')
    : ''
  const isObject = /^\{.*\S\s*\}$/.test(text) && !text.includes('"place"')
  const element = isObject ? text : JSON.stringify(fieldsOf(content as Draft, openOf(readAs)))
  return placedElement(element, cut(place), isObject ? null : lineText(original))
}

/** The line that the cell is in, for its dead letter; of a long one its cell has to do. */
function lineText(original: Uint8Array): string | null {
  return original.length > lineBytesMax ? null : decodeText(original)
}

/** Each reading brings its line along: those of a wide file would bring it a hundred times. */
const lineBytesMax = 128

function openOf(readAs: ReadAs) {
  return readAs.kind === 'read' || readAs.kind === 'fields' ? readAs : {}
}

export function refusedOf(row: RawRow, refusal: Refusal) {
  const { reason, detail } = refusal
  const { line, column, value } = cut(placeOfRefusal(row, refusal))
  return { line, column, value, reason, detail }
}

function cut({ line, column, value }: Place): Place {
  const { cellCharsMax } = ingestLimits
  return { line, column: column.slice(0, cellCharsMax), value: value.slice(0, cellCharsMax) }
}

function cellOf({ row, outcome }: FileRow, by: SaidBy): object {
  const original = row.original.subarray(0, ingestLimits.rowBytesMax)
  return {
    ...refusedOf(row, outcome as Refusal),
    readAs: readAsText(row, by),
    originalBase64: Buffer.from(original).toString('base64'),
  }
}
