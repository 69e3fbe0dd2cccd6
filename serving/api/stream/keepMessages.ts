import type { StreamTopic } from '../../shapes/stream.ts'

/** A message's text for strangers and for who has the token. */
export type Message = { readonly number: number; readonly topic: StreamTopic } & Readonly<
  Record<'open' | 'trusted', string>
>

export type KeptMessages = {
  add(message: Message): void
  /** Those after a number; null when some are no longer kept, or there is no such number. */
  after(number: number): readonly Message[] | null
}

/** The last messages, for clients that reconnect: so many, and so many bytes. */
export function keepMessages(limits: {
  readonly messagesMax: number
  readonly bytesMax: number
}): KeptMessages {
  const kept: Message[] = []
  let newest = 0
  let bytes = 0
  return {
    add(message) {
      kept.push(message)
      newest = message.number
      bytes += bytesOf(message)
      while (kept.length > limits.messagesMax || bytes > limits.bytesMax) {
        bytes -= bytesOf(kept.shift()!)
      }
    },
    after(number) {
      const first = kept[0]?.number ?? newest + 1
      if (!(number <= newest && number + 1 >= first)) return null
      return kept.filter((message) => message.number > number)
    },
  }
}

/** The same text twice is in memory once. */
function bytesOf({ open, trusted }: Message): number {
  return Buffer.byteLength(open) + (trusted === open ? 0 : Buffer.byteLength(trusted))
}
