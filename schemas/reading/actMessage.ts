import { FrameFieldError, FrameNumberError } from '../errors/frame.ts'
import type { Act } from './acts.ts'
import { createWriter, fieldsOf, wireType } from './wire.ts'

/** The message of an act in `frame.proto`. */
export function encodeAct(act: Act): Uint8Array {
  const writer = createWriter()
  if (act.kind === 'withdrawal') {
    writer.bytes(1, utf8.encode(act.ingest))
  } else {
    writer.bytes(1, utf8.encode(act.source))
    writer.fixed64(2, act.fromMs)
    writer.sfixed32(3, act.rank)
  }
  return writer.finish()
}

/** @throws InvalidArgumentError when the bytes are not the message of an act. */
export function decodeAct(bytes: Uint8Array, field: number): Act {
  const isRank = field === rankField
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let name = ''
  let fromMs = 0
  let rank = 0
  for (const { number, type, from, to } of fieldsOf(bytes)) {
    if (number === 1 && type === wireType.bytes) name = utf8Of(bytes.subarray(from, to))
    else if (isRank && number === 2 && type === wireType.fixed64) {
      fromMs = Number(view.getBigUint64(from, true))
    } else if (isRank && number === 3 && type === wireType.fixed32) {
      rank = view.getInt32(from, true)
    } else throw new FrameFieldError({ field })
  }
  if (!Number.isSafeInteger(fromMs)) throw new FrameNumberError({ column: 'from_ms', row: 0 })
  if (isRank) return { kind: 'rank', source: name, fromMs, rank }
  if (name === '') throw new FrameFieldError({ field })
  return { kind: 'withdrawal', ingest: name }
}

const rankField = 21
const utf8 = new TextEncoder()
const decoder = new TextDecoder()

function utf8Of(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
