import { setTimeout as sleep } from 'node:timers/promises'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { ViewsDatabaseError, ViewsUrlError } from '../../../schemas/errors/configuration.ts'
import { type HttpPlace, httpPlaceOf } from '../../sockets/httpPlace.ts'
import { userOfUrl } from '../url/userOfUrl.ts'
import { isUnreachable, toViewsError } from './clickhouseErrors.ts'
import { createLivenessProbe } from './livenessProbe.ts'

/** All our tables are in one database. */
export const databaseName = 'wattproof'

export type ClickHouseConnection = {
  readonly client: ClickHouseClient
  /** Runs an idempotent request, retries when the connection fails, and throws our own errors. */
  attempt<T>(what: string, request: Request<T>): Promise<T>
  /** The same for a request that must not run twice. */
  once<T>(what: string, request: Request<T>): Promise<T>
  close(): Promise<void>
}

/** The signal ends it where a caller waits for the answer. */
type Request<T> = (signal?: AbortSignal) => Promise<T>

const connectionsMax = 16
/** Pauses before a retry: a killed embedded store is back within seconds. */
const pausesMs = [50, 100, 200, 400, 800, 1_600, 3_200]
/** Where a caller waits for the answer. */
const shortPausesMs = [50, 100, 200, 400, 800]

/**
 * A client of a ClickHouse server or the embedded one.
 *
 * @param url `http://user:password@host:8123`, or `http+unix:` and the path of a socket, with
 * `/wattproof` or `?database=wattproof` or neither.
 * @param options `isAwaited`: somebody waits for each answer, so that one which does not come
 * within two seconds, from a server that stands still, is an error.
 * @throws InvalidArgumentError for another database or another scheme.
 */
export async function connectClickHouse(
  url: string,
  options: { readonly database?: 'default'; readonly isAwaited?: boolean } = {},
): Promise<ClickHouseConnection> {
  const { http, username, password } = parseUrl(url)
  const client = createClient({
    ...{ url: http.origin, username, password },
    ...(http.agent === null ? {} : { http_agent: http.agent }),
    database: options.database ?? databaseName,
    request_timeout: 120_000,
    max_open_connections: connectionsMax,
    use_multipart_params_auto: true,
    compression: { request: false, response: false },
    // Errors are thrown with their cause; the client's log would report them twice.
    log: { level: ClickHouseLogLevel.OFF },
  })
  const closing = new AbortController()
  // With connections of its own: those of the client may all be busy.
  const liveness = createLivenessProbe(parseUrl(url).http)
  const run = <T>(what: string, request: Request<T>, pauses: readonly number[]) => {
    const again = { what, pausesMs: pauses }
    if (!options.isAwaited) {
      const isOver = () => closing.signal.aborted
      return attempt({ ...again, request: () => request(), isOver })
    }
    // With its retries: a server that was silent and is then killed is waited for no longer.
    return liveness.unlessSilent(what, (signal) => {
      const isOver = () => closing.signal.aborted || signal.aborted
      return attempt({ ...again, request: () => request(signal), isOver })
    })
  }
  return {
    client,
    attempt: (what, request) => run(what, request, options.isAwaited ? shortPausesMs : pausesMs),
    once: (what, request) => run(what, request, []),
    async close() {
      closing.abort()
      liveness.close()
      await client.close()
    },
  }
}

async function attempt<T>(options: {
  what: string
  request: () => Promise<T>
  pausesMs: readonly number[]
  /** No caller waits any more. */
  isOver: () => boolean
}): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await options.request()
    } catch (error) {
      const isPassing = isUnreachable(error) && !options.isOver()
      const pauseMs = isPassing ? options.pausesMs[failures] : undefined
      if (pauseMs === undefined) throw toViewsError(error, options.what)
      await sleep(pauseMs)
      if (options.isOver()) throw toViewsError(error, options.what)
    }
  }
}

function parseUrl(text: string): { http: HttpPlace; username: string; password: string } {
  const url = URL.canParse(text) ? new URL(text) : null
  const http = url && httpPlaceOf(url, connectionsMax)
  if (!url || !http) throw new ViewsUrlError()
  const database = url.searchParams.get('database') ?? url.pathname.slice(1)
  if (database !== '' && database !== databaseName) {
    throw new ViewsDatabaseError({ database, wanted: databaseName })
  }
  const { user, password } = userOfUrl(url)
  return {
    http,
    username: user || 'default',
    password,
  }
}
