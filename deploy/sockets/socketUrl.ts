export type SocketUrlParts = {
  readonly scheme: 'http+unix' | 'postgres'
  readonly user: string
  readonly password: string
  /** The socket; of PostgreSQL the folder that it is in. */
  readonly file: string
}

/**
 * A URL whose host is a path of this machine, as programs spell it: HTTP with a scheme of its own,
 * so that no client takes it for a name, and PostgreSQL with a host that begins with a slash.
 *
 * @example
 * 'http+unix://wattproof:pw@%2Fvar%2Fwattproof%2Fchain%2Fguard.sock'
 */
export function socketUrl({ scheme, user, password, file }: SocketUrlParts): string {
  return `${scheme}://${user}:${encodeURIComponent(password)}@${encodeURIComponent(file)}`
}

/** The path that is the host of a URL; null where its host is a name. */
export function socketOf({ hostname }: URL): string | null {
  return /^%2f/i.test(hostname) ? decodeURIComponent(hostname) : null
}
