import { EventIdError } from './errors/event.ts'
import { MeterIdError } from './errors/meter.ts'

/** A meter id as its gateway sends it. Never leaves the operator's stores in clear text. */
export type MeterId = string & { readonly id: 'meter' }
/** An event of a programme, such as `high-2013-02-11`. */
export type EventId = string & { readonly id: 'event' }
/** 32 bytes as `0x` and 64 hexadecimal digits: hashes, roots, pseudonyms. */
export type Hex32 = `0x${string}`
/** 20 bytes as `0x` and 40 hexadecimal digits, lower case. */
export type Address = `0x${string}`

const meterPattern = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/
const eventPattern = /^[a-z0-9][a-z0-9-]{0,63}$/

export function isMeterId(text: string): text is MeterId {
  return meterPattern.test(text)
}

export function meterId(text: string): MeterId {
  if (!isMeterId(text)) throw new MeterIdError({ text })
  return text
}

export function eventId(text: string): EventId {
  if (!eventPattern.test(text)) throw new EventIdError({ text })
  return text as EventId
}

/**
 * The partition of a meter: FNV-1a of its id, the same in every gateway, language and run, so that
 * all versions of one interval are in one partition.
 */
export function partitionOf(meter: MeterId, partitions: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < meter.length; index++) {
    hash = Math.imul(hash ^ meter.charCodeAt(index), 0x01000193)
  }
  return (hash >>> 0) % partitions
}
