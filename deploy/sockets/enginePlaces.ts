import path from 'node:path'
import { socketUrl } from './socketUrl.ts'

/**
 * Where the embedded engines are: on sockets in folders of mode 0700 and on no port, so that no
 * other user of the machine arrives there, or can be there in an engine's place.
 */
export const engineUser = 'wattproof'

/** @param dir the engine's folder. */
export function clickhouseSocket(dir: string): string {
  return path.resolve(dir, 'clickhouse.sock')
}

export function clickhouseUrl(dir: string, password: string): string {
  const file = clickhouseSocket(dir)
  const url = socketUrl({ scheme: 'http+unix', user: engineUser, password, file })
  return `${url}/?database=wattproof`
}

/** The guard's socket; anvil's own is for its owner alone. */
export function chainSocket(dir: string): string {
  return path.resolve(dir, 'guard.sock')
}

export function chainUrl(dir: string, password: string): string {
  const file = chainSocket(dir)
  return socketUrl({ scheme: 'http+unix', user: engineUser, password, file })
}

/** A part of the socket's name, and of its URL; nothing listens on a port. */
const postgresPort = 5432

export function postgresData(dir: string): string {
  return path.resolve(dir, 'data')
}

/** In the folder of its data, which belongs to the account that it runs as. */
export function postgresSocket(data: string): string {
  return path.join(data, `.s.PGSQL.${postgresPort}`)
}

export function postgresUrl(dir: string, password: string): string {
  const file = postgresData(dir)
  const url = socketUrl({ scheme: 'postgres', user: engineUser, password, file })
  // Given explicitly, since PGPORT may name another one.
  return `${url}:${postgresPort}/postgres`
}
