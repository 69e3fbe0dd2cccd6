import path from 'node:path'
import { shortPath } from './socketPath.ts'
import { socketOf } from './socketUrl.ts'

/** The URL for this process: the path of a socket may be longer than the system takes. */
export function shortPostgresUrl(text: string): string {
  const url = new URL(text)
  const folder = socketOf(url)
  if (folder === null) return text
  const short = path.dirname(shortPath(path.join(folder, `.s.PGSQL.${url.port || 5432}`)))
  url.hostname = encodeURIComponent(short)
  return url.href
}
