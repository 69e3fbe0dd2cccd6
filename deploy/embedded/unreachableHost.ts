import net from 'node:net'
import { AnvilExposedError } from '../../schemas/errors/installation.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'

/** All hosts of a network: TCP may listen there, but no connection can have a group as its end. */
const groupHost = '224.0.0.1'
const connectMsMax = 500

/**
 * An address to listen on where no connection ever arrives, for a program that always
 * listens. It needs no privilege, and is tried out before it is returned.
 *
 * @throws AnvilExposedError where the system has no such address.
 */
export async function findUnreachableHost(host = groupHost): Promise<string> {
  const server = net.createServer((socket) => socket.destroy())
  try {
    const port = await listen(server, host)
    for (const target of [host, '127.0.0.1']) {
      if (await isReached(port, target)) throw exposed(`${host} takes connections to ${target}`)
    }
    return host
  } catch (error) {
    if (error instanceof AnvilExposedError) throw error
    throw exposed(sentenceOf(error))
  } finally {
    server.close()
  }
}

function listen(server: net.Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, () => resolve((server.address() as net.AddressInfo).port))
  })
}

function isReached(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host, timeout: connectMsMax })
    const finish = (reached: boolean) => {
      socket.destroy()
      resolve(reached)
    }
    socket.once('connect', () => finish(true))
    socket.once('error', () => finish(false))
    socket.once('timeout', () => finish(false))
  })
}

function exposed(reason: string): AnvilExposedError {
  return new AnvilExposedError({ platform: process.platform, reason })
}
