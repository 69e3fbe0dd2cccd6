import { once } from 'node:events'
import { connectSocket } from '../sockets/socketPath.ts'

/** Whether the server speaks TLS: answered with one letter, without a login. */
const tlsRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const answerMsMax = 10_000

/** Resolves when the server of this socket answers; rejects when it does not in time. */
export async function postgresAnswers(file: string): Promise<void> {
  const socket = connectSocket(file)
  try {
    socket.write(tlsRequest)
    await once(socket, 'data', { signal: AbortSignal.timeout(answerMsMax) })
  } finally {
    socket.destroy()
  }
}
