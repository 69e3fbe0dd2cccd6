import { FrameFieldError, FrameNumberError } from '../errors/frame.ts'
import type { EpochMs } from '../time.ts'
import type { Decided } from './intervalWords.ts'
import { createWriter, fieldsOf, wireType } from './wire.ts'

/**
 * What was decided about words. An act is a record of every partition of the readings' topic: it
 * holds for every word of its partition, earlier and later, and for no `asOf` before its place.
 */
export type Act =
  | { readonly kind: 'withdrawal'; readonly ingest: string }
  | {
      readonly kind: 'rank'
      readonly source: string
      /** The rank applies to intervals that start at or after this. */
      readonly fromMs: EpochMs
      readonly rank: number
    }

/** The acts of one partition up to a place. */
export type Acts = {
  readonly withdrawn: Set<string>
  /** By source, in order of `fromMs`. */
  readonly ranks: Map<string, { readonly fromMs: EpochMs; readonly rank: number }[]>
}

export function emptyActs(): Acts {
  return { withdrawn: new Set(), ranks: new Map() }
}

/** In the order of the log: a later rank from the same instant replaces the earlier one. */
export function addAct({ withdrawn, ranks }: Acts, act: Act): void {
  if (act.kind === 'withdrawal') {
    withdrawn.add(act.ingest)
    return
  }
  const { source, fromMs, rank } = act
  const others = (ranks.get(source) ?? []).filter((each) => each.fromMs !== fromMs)
  others.push({ fromMs, rank })
  ranks.set(
    source,
    others.sort((left, right) => left.fromMs - right.fromMs),
  )
}

export function decidedBy(acts: Acts): Decided {
  return {
    isWithdrawn: (ingest) => acts.withdrawn.has(ingest),
    rankOf: (source, startMs) =>
      acts.ranks.get(source)?.findLast(({ fromMs }) => fromMs <= startMs)?.rank ?? 0,
  }
}

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
