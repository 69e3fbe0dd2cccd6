import { once } from 'node:events'
import type http from 'node:http'
import net from 'node:net'
import type { HeldPort } from './holdPort.ts'

/** A thousand meters connect at once after a restart; 511, Node's own, would lose half of them. */
const backlog = 4_096

/**
 * Lets a server accept on a port that this process holds; once it is closed it does so no more.
 *
 * @returns ends at once what it accepts at other addresses than the first: a server is closed only
 * when its last connection has ended.
 */
export async function listenOn(server: http.Server, { sockets }: HeldPort): Promise<() => void> {
  const [first, ...others] = sockets
  server.listen(first, backlog)
  await once(server, 'listening')
  const stopping: (() => void)[] = []
  for (const socket of others) {
    // One server for all, as its bounds are for all of its connections.
    const other = net.createServer({ allowHalfOpen: true, noDelay: true }, (connection) => {
      server.emit('connection', connection)
    })
    other.listen(socket, backlog)
    await once(other, 'listening')
    stopping.push(() => other.close())
  }
  const stop = () => {
    for (const each of stopping.splice(0)) each()
  }
  server.once('close', stop)
  return stop
}
