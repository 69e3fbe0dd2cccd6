import { once } from 'node:events'
import net from 'node:net'

/** Whether the server speaks TLS: answered with one letter, without a login. */
const tlsRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const answerMsMax = 10_000

/** Resolves when the server on this port answers; rejects when it does not in time. */
export async function postgresAnswers(port: number): Promise<void> {
  const socket = net.connect({ host: '127.0.0.1', port })
  try {
    socket.write(tlsRequest)
    await once(socket, 'data', { signal: AbortSignal.timeout(answerMsMax) })
  } finally {
    socket.destroy()
  }
}
