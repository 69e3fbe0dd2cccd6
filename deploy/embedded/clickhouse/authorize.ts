import type { IncomingHttpHeaders } from 'node:http'
import {
  ForeignRequestError,
  LoginRefusedError,
} from '../../../schemas/errors/embeddedClickHouse.ts'
import { areSame, type Credentials, readBasic } from '../credentials.ts'
import { isForeign } from '../foreign.ts'

/** @throws ClickHouseFailure 497 for a request of a web page, or to another host name. */
export function refuseForeign(headers: IncomingHttpHeaders): void {
  if (isForeign(headers)) throw new ForeignRequestError()
}

/**
 * Checks user and password, given as Basic authorization or in ClickHouse's own headers.
 *
 * @throws ClickHouseFailure 516; it does not say which of the two was wrong.
 */
export function authorize(headers: IncomingHttpHeaders, expected: Credentials): void {
  if (areSame(readCredentials(headers), expected)) return
  throw new LoginRefusedError()
}

function readCredentials(headers: IncomingHttpHeaders): Credentials {
  const [user, password] = [headers['x-clickhouse-user'], headers['x-clickhouse-key']].map(one)
  return readBasic(headers.authorization) ?? { user: user ?? '', password: password ?? '' }
}

function one(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : ''
}
