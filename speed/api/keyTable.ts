import { hash } from 'node:crypto'

/** 128 bits of a key's SHA-256. Clients choose keys, and could make a weaker hash collide. */
export type KeyId = Uint32Array

const idWords = 4

export function keyIdOf(key: string): KeyId {
  // A character a byte: a buffer for each key costs a microsecond.
  const bytes = hash('sha256', key, 'binary')
  const id = new Uint32Array(idWords)
  for (let at = 0; at < 4 * idWords; at++) id[at >> 2]! |= bytes.charCodeAt(at) << (8 * (at & 3))
  return id
}

/** Where the newest keys of one partition were appended. */
export type KeyTable = {
  find(id: KeyId): number | undefined
  remember(id: KeyId, offset: number): void
  /** As `remember`, for a key older than all here. False once no older one has room. */
  rememberOlder(id: KeyId, offset: number): boolean
}

/** Slots of the first part and of the largest ones: .4 and 6 MB. */
const slotsMin = 1 << 14
const slotsMax = 1 << 18
const fullShare = 0.75

type Part = {
  readonly ids: Uint32Array
  /** Offset + 1; 0 is an empty slot. */
  readonly offsets: Float64Array
  count: number
}

/**
 * At least the newest `keysMax` keys, 32 bytes each, and some older ones.
 *
 * Parts of growing size, newest first: what is full is never copied, so that no request waits for
 * a table that grows, and the oldest part is dropped as a whole.
 */
export function createKeyTable(keysMax: number): KeyTable {
  const parts: Part[] = []
  const sizeOf = (index: number) => Math.min(slotsMax, slotsMin << Math.min(index, 4))
  return {
    find(id) {
      for (const part of parts) {
        const offset = part.offsets[slotOf(part, id)]!
        if (offset > 0) return offset - 1
      }
      return undefined
    },
    remember(id, offset) {
      if (parts[0] === undefined || isFull(parts[0])) {
        parts.unshift(createPart(sizeOf(parts.length)))
        while (countOf(parts.slice(0, -1)) >= keysMax) parts.pop()
      }
      put(parts[0]!, id, offset)
    },
    rememberOlder(id, offset) {
      if (parts.some((part) => part.offsets[slotOf(part, id)]! > 0)) return true
      if (countOf(parts) >= keysMax) return false
      const oldest = parts.at(-1)
      if (oldest === undefined || isFull(oldest)) parts.push(createPart(sizeOf(parts.length)))
      put(parts.at(-1)!, id, offset)
      return true
    },
  }
}

function createPart(slots: number): Part {
  return { ids: new Uint32Array(slots * idWords), offsets: new Float64Array(slots), count: 0 }
}

function isFull({ count, offsets }: Part): boolean {
  return count >= offsets.length * fullShare
}

function countOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0)
}

function put(part: Part, id: KeyId, offset: number): void {
  const slot = slotOf(part, id)
  if (part.offsets[slot] === 0) part.count += 1
  part.ids.set(id, slot * idWords)
  part.offsets[slot] = offset + 1
}

/** The slot of a key, or the empty one where it would be. */
function slotOf({ ids, offsets }: Part, id: KeyId): number {
  const mask = offsets.length - 1
  for (let slot = id[0]! & mask; ; slot = (slot + 1) & mask) {
    if (offsets[slot] === 0) return slot
    const at = slot * idWords
    const isIt = ids[at] === id[0] && ids[at + 1] === id[1]
    if (isIt && ids[at + 2] === id[2] && ids[at + 3] === id[3]) return slot
  }
}
