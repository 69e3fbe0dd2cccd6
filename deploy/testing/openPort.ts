import net from 'node:net'
import { connectSocket } from '../sockets/socketPath.ts'

/** A port for tests that write HTTP by hand: all that comes is passed to the socket. */
export async function openPort(file: string): Promise<{ origin: string; close(): void }> {
  const server = net.createServer({ allowHalfOpen: true }, (from) => {
    const to = connectSocket(file)
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      one.on('error', () => other.destroy()).pipe(other)
      one.on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  return { origin: `http://127.0.0.1:${port}`, close: () => void server.close() }
}
