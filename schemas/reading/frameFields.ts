import { FrameFieldError, FrameHeaderError, FrameNumberError } from '../errors/frame.ts'
import { type MeterId, meterId } from '../ids.ts'
import { addPlace, type ColumnPlaces, columnOfField } from './frameColumns.ts'
import { createRosterReader, type RosterReader } from './frameRoster.ts'
import { type RosterId, readRosterId } from './roster.ts'
import { createCursor, nextField, type WireField, wireType } from './wire.ts'

/** Numbers of `frame.proto` besides its columns. */
export const fields = {
  t0: 1,
  rosterId: 2,
  roster: 3,
  source: 15,
  ingest: 16,
  signature: 17,
} as const
export const actFields = { withdrawal: 20, sourceRank: 21 } as const

/** The fields of a frame, of which nothing is judged or copied yet. */
export type Sent = {
  t0Ms: number
  rosterId: RosterId | null
  readonly roster: RosterReader
  readonly places: ColumnPlaces
  source: string
  ingest: string
  act: { readonly field: number; readonly content: Uint8Array } | null
}

/** @throws InvalidArgumentError for fields that no frame has, or none at all. */
export function readFields(bytes: Uint8Array): Sent {
  const roster = createRosterReader(bytes)
  const sent: Sent = {
    t0Ms: 0,
    rosterId: null,
    roster,
    places: [],
    source: '',
    ingest: '',
    act: null,
  }
  const cursor = createCursor()
  while (nextField(bytes, cursor)) {
    if (cursor.number === fields.roster && cursor.type === wireType.bytes) {
      sent.roster.take(cursor)
    } else takeField(bytes, cursor, sent)
  }
  if (sent.places.length === 0 && !sent.act) throw new FrameHeaderError()
  return sent
}

function takeField(bytes: Uint8Array, at: WireField, sent: Sent): void {
  const column = columnOfField(at.number)
  if (column) {
    addPlace(sent.places, column, at)
    return
  }
  const isFixed = at.number === fields.t0 || at.number === fields.rosterId
  if (at.type !== (isFixed ? wireType.fixed64 : wireType.bytes)) {
    throw new FrameFieldError({ field: at.number })
  }
  const content = bytes.subarray(at.from, at.to)
  switch (at.number) {
    case fields.t0:
      sent.t0Ms = instantOf(content)
      return
    case fields.rosterId:
      sent.rosterId = readRosterId(content)
      return
    case fields.source:
      sent.source = nameOf(content)
      return
    case fields.ingest:
      sent.ingest = nameOf(content)
      return
    case actFields.withdrawal:
    case actFields.sourceRank:
      sent.act = { field: at.number, content }
      return
    default:
      throw new FrameFieldError({ field: at.number })
  }
}

/** @throws FrameNumberError for an instant from which not all rows can be reached exactly. */
function instantOf(content: Uint8Array): number {
  const { buffer, byteOffset } = content
  const value = Number(new DataView(buffer, byteOffset).getBigUint64(0, true))
  if (Number.isSafeInteger(value + 2 ** 31 * 1000)) return value
  throw new FrameNumberError({ column: 't0_ms', row: 0 })
}

const decoder = new TextDecoder()

/** @throws MeterIdError when the bytes are not an id. */
function nameOf(content: Uint8Array): MeterId {
  return meterId(decoder.decode(content))
}
