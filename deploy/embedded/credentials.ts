import { createHash, timingSafeEqual } from 'node:crypto'

export type Credentials = { readonly user: string; readonly password: string }

/** The credentials in a header `Authorization: Basic …`; null for any other. */
export function readBasic(header: string | undefined): Credentials | null {
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/.exec(header ?? '')?.[1]
  if (basic === undefined) return null
  const [user = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  return { user, password: password.join(':') }
}

/** Both are compared before either is judged, so that timing reveals nothing. */
export function areSame(given: Credentials, expected: Credentials): boolean {
  const isUser = isSame(given.user, expected.user)
  const isPassword = isSame(given.password, expected.password)
  return isUser && isPassword
}

function isSame(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}
