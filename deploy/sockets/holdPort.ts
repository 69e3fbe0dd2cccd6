import { lookup } from 'node:dns/promises'
import net from 'node:net'
import { getSystemErrorName } from 'node:util'
import {
  AddressBarredError,
  NoSocketGivenError,
  PortTakenError,
} from '../../schemas/errors/installation.ts'

/**
 * A port that is held and where nothing is accepted: who is given its sockets listens on them. As
 * long as a process has them the port is nobody else's, and connections wait for who listens next.
 */
export type HeldPort = {
  readonly port: number
  /** One for each address: two of `localhost` where the machine has IPv6. */
  readonly sockets: readonly BoundSocket[]
  close(): void
}

/** As Node has it: `server.listen` takes it, and its descriptor can be inherited. */
export type BoundSocket = {
  readonly fd: number
  getsockname(into: { port?: number }): number
  close(): void
}

/**
 * Binds a socket and does not listen: a server of Node's accepts as soon as it listens, and who
 * holds a port for others must not. Node 24 has it as `net.BoundSocket`, too; 20 under this name.
 */
const { _createServerHandle: createSocket } = net as unknown as {
  /** Address, port and family; or three nulls and a descriptor. */
  _createServerHandle(...place: readonly (string | number | null)[]): BoundSocket | number
}

/**
 * Holds a port at an address, or at both of `localhost`.
 *
 * @param port 0 picks one.
 * @throws PortTakenError when another program has it; AddressBarredError when the system refuses.
 */
export async function holdPort(place: { host: string; port: number }): Promise<HeldPort> {
  const { host } = place
  const found = await lookup(host, { all: true, verbatim: true }).catch((error: unknown) => {
    const reason = String((error as NodeJS.ErrnoException).code)
    throw new AddressBarredError({ ...place, reason }, error)
  })
  // Any other name is one place, which clients look up as we do.
  const [first, ...others] = host === 'localhost' ? found : found.slice(0, 1)
  const socket = bind({ ...first!, host, port: place.port })
  const port = portOf(socket)
  const sockets = [socket]
  try {
    for (const each of others) sockets.push(bind({ ...each, host, port }))
  } catch (error) {
    // A machine without IPv6 may have its name for it.
    if (!(error instanceof AddressBarredError)) {
      for (const each of sockets) each.close()
      throw error
    }
  }
  return held(port, sockets)
}

/**
 * The port of sockets that this process was given.
 *
 * @throws NoSocketGivenError when a descriptor is none of a socket.
 */
export function holdGiven(descriptors: readonly number[]): HeldPort {
  const sockets = descriptors.map((descriptor) => {
    const place = { host: `descriptor ${descriptor}`, port: 0 }
    try {
      return checked(createSocket(null, null, null, descriptor), place)
    } catch (error) {
      throw new NoSocketGivenError({ descriptor }, error)
    }
  })
  return held(portOf(sockets[0]!), sockets)
}

function held(port: number, sockets: readonly BoundSocket[]): HeldPort {
  const close = () => {
    for (const each of sockets) each.close()
  }
  return { port, sockets, close }
}

type Place = { readonly host: string; readonly port: number }

function bind({ address, family, ...place }: Place & { address: string; family: number }) {
  return checked(createSocket(address, place.port, family), place)
}

/** That another program listens there is known once the socket is asked for its name. */
function checked(socket: BoundSocket | number, { host, port }: Place): BoundSocket {
  const code = typeof socket === 'number' ? socket : socket.getsockname({})
  if (typeof socket !== 'number' && code === 0) return socket
  if (typeof socket !== 'number') socket.close()
  const reason = getSystemErrorName(code)
  if (reason === 'EADDRINUSE') throw new PortTakenError({ port })
  throw new AddressBarredError({ host, port, reason })
}

function portOf(socket: BoundSocket): number {
  const name: { port?: number } = {}
  socket.getsockname(name)
  return name.port!
}
