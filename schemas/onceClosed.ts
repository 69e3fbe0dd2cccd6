type Closing = {
  on(event: 'close', listener: () => void): unknown
  once(event: 'close', listener: () => void): unknown
}
type Connection = Closing & { readonly destroyed: boolean }

const waiting = new WeakMap<Connection, Set<() => void>>()

/**
 * Calls `end` once: when the answer is through, or its client has gone.
 *
 * The answer's own `close` will not do. One that waits behind another of its connection has no
 * socket yet, and never says that it is closed when that connection ends.
 */
export function onceClosed(socket: Connection, answer: Closing, end: () => void): void {
  const ends = endsOf(socket)
  const endOnce = () => {
    if (ends.delete(endOnce)) end()
  }
  ends.add(endOnce)
  // It is called once whatever calls it, and `once` would make two more objects of it.
  answer.on('close', endOnce)
  if (socket.destroyed) endOnce()
}

/** One listener for all answers of a connection. */
function endsOf(socket: Connection): Set<() => void> {
  const known = waiting.get(socket)
  if (known) return known
  const ends = new Set<() => void>()
  waiting.set(socket, ends)
  socket.once('close', () => {
    for (const end of ends) end()
  })
  return ends
}
