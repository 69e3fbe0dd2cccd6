import { chmodSync, closeSync, fstatSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { SocketPathError } from '../../schemas/errors/installation.ts'

/** The longest path of a socket, bytes, without the zero at its end: the system takes no other. */
const pathBytesMax = process.platform === 'linux' ? 107 : 103

/** Folders held open, whose sockets have too long a path. */
const held = new Map<string, number>()

/**
 * A path of a socket that the system takes, in this process alone: where its own is too long, by
 * way of a handle of its folder. Nobody can put another folder in the place of a handle.
 *
 * @throws SocketPathError where there is no such way (elsewhere than on Linux).
 */
export function shortPath(file: string): string {
  if (Buffer.byteLength(file) <= pathBytesMax) return file
  if (process.platform !== 'linux') throw new SocketPathError({ file, bytesMax: pathBytesMax })
  return `/proc/self/fd/${holdFolder(path.dirname(file))}/${path.basename(file)}`
}

function holdFolder(folder: string): number {
  const known = held.get(folder)
  const now = statSync(folder)
  if (known !== undefined) {
    const then = fstatSync(known)
    if (then.ino === now.ino && then.dev === now.dev) return known
    closeSync(known)
  }
  const handle = openSync(folder, 'r')
  held.set(folder, handle)
  return handle
}

/** A connection to the socket; that there is no way to it is an error of the connection. */
export function connectSocket(file: string): net.Socket {
  try {
    return net.connect({ path: shortPath(file) })
  } catch (error) {
    return new net.Socket().destroy(error as Error)
  }
}

/**
 * Listens where only the owner arrives: on a socket of mode 0600 in a folder of mode 0700. What a
 * kill left at its place is removed: the folder must belong to this server alone.
 */
export async function listenOnSocket(server: net.Server, file: string): Promise<void> {
  const folder = path.dirname(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  rmSync(file, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path: shortPath(file) }, resolve)
  })
  chmodSync(file, 0o600)
}

/** Whether a server listens there now. */
export function isServed(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(file)
    socket.once('connect', () => resolve(socket.destroy() === socket))
    socket.once('error', () => resolve(false))
  })
}
