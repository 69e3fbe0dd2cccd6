/** A message of a stream of server-sent events. */
export type StreamMessage = { readonly topic: string; readonly data: string }

export type StreamParser = {
  /** Takes text as it arrives; the messages that it completes. */
  add(text: string): StreamMessage[]
  /** The id of the last message that is complete; null before the first. */
  lastId(): string | null
  /** How long the server asks to wait before reconnecting, ms; null where it does not say. */
  retryMs(): number | null
}

/**
 * Server-sent events as the HTML standard (9.2.6) parses them, from a stream that starts at the
 * beginning.
 */
export function createStreamParser(): StreamParser {
  let rest = ''
  let lastId: string | null = null
  let retryMs: number | null = null
  let pending = { topic: '', data: [] as string[], id: null as string | null }

  const readField = (line: string) => {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (name === 'event') pending.topic = value
    else if (name === 'data') pending.data.push(value)
    else if (name === 'id' && !value.includes('\0')) pending.id = value
    else if (name === 'retry' && /^\d+$/.test(value)) retryMs = Number(value)
  }
  const complete = (): StreamMessage[] => {
    const { topic, data, id } = pending
    pending = { topic: '', data: [], id: null }
    if (id !== null) lastId = id
    return data.length === 0 ? [] : [{ topic: topic || 'message', data: data.join('\n') }]
  }
  return {
    add(text) {
      const messages: StreamMessage[] = []
      const all = rest + text
      // A carriage return at the end may be half of a line's end.
      const isHalf = all.endsWith('\r')
      const lines = (isHalf ? all.slice(0, -1) : all).split(/\r\n|\n|\r/)
      rest = lines.pop()! + (isHalf ? '\r' : '')
      for (const line of lines) {
        if (line === '') messages.push(...complete())
        else readField(line)
      }
      return messages
    },
    lastId: () => lastId,
    retryMs: () => retryMs,
  }
}
