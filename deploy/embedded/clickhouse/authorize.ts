import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { LoginRefusedError } from '../../../schemas/errors/embeddedClickHouse.ts'

export type Credentials = { readonly user: string; readonly password: string }

/**
 * Checks user and password, given as Basic authorization or in ClickHouse's own headers.
 *
 * @throws ClickHouseFailure 516; it does not say which of the two was wrong.
 */
export function authorize(headers: IncomingHttpHeaders, expected: Credentials): void {
  const given = readCredentials(headers)
  // Both are compared before either is judged, so that timing reveals nothing.
  const isUser = isSame(given.user, expected.user)
  const isPassword = isSame(given.password, expected.password)
  if (isUser && isPassword) return
  throw new LoginRefusedError()
}

function readCredentials(headers: IncomingHttpHeaders): Credentials {
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/.exec(headers.authorization ?? '')?.[1]
  if (basic === undefined) {
    return { user: one(headers['x-clickhouse-user']), password: one(headers['x-clickhouse-key']) }
  }
  const [user = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  return { user, password: password.join(':') }
}

function isSame(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}

function one(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : ''
}
