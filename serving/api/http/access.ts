import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { UnauthorizedError } from '../../../schemas/errors/request.ts'

/**
 * Access to a route. `open`: anyone. `token`: holders of the token. `validator`: validators
 * too, with their own. `either`: anyone, and the answer has more with the token. A route that
 * declares none under `/api/` needs the token, and so does everything else but a GET.
 */
export type Access = 'open' | 'token' | 'validator' | 'either'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    /** True if the request has the right token. */
    isTrusted: boolean
    /** True if it has the validator token, which authorizes only what validators need. */
    isValidator: boolean
  }
}

export type Tokens = { readonly token: string; readonly validatorToken?: string | undefined }

export type Rights = Pick<FastifyRequest, 'isTrusted' | 'isValidator'>
/** What the token among a request's headers allows. */
export type ReadRights = (headers: IncomingHttpHeaders) => Rights

const none: Rights = { isTrusted: false, isValidator: false }

export function rightsReader({ token, validatorToken }: Tokens): ReadRights {
  const expected = padded(token)
  const ofValidators = validatorToken === undefined ? null : padded(validatorToken)
  // One for all requests: half a kilobyte for each is as much as the rest of its guards take.
  const bytes = padded('')
  return (headers) => {
    const given = tokenOf(headers)
    if (given === null) return none
    bytes.fill(0)
    bytes.write(given, 'latin1')
    const isTrusted = timingSafeEqual(bytes, expected)
    return { isTrusted, isValidator: ofValidators !== null && timingSafeEqual(bytes, ofValidators) }
  }
}

/** Reads the token of each request and refuses those that need one and have none. */
export function guardAccess(app: FastifyInstance, readRights: ReadRights): void {
  app.decorateRequest('isTrusted', false)
  app.decorateRequest('isValidator', false)
  app.addHook('onRequest', (request, _, done) => {
    const { isTrusted, isValidator } = readRights(request.headers)
    request.isTrusted = isTrusted
    request.isValidator = isValidator
    done()
  })
  // After the rate limit, which is in onRequest too and slows guessing down; before any body
  // is read.
  app.addHook('preParsing', (request, _, payload, done) => {
    if (mayCall(request)) {
      done(null, payload)
      return
    }
    done(new UnauthorizedError({ isWrong: request.headers.authorization !== undefined }))
  })
}

function mayCall(request: FastifyRequest): boolean {
  if (request.isTrusted) return true
  const access = accessOf(request)
  if (request.isValidator && access !== 'token') return true
  const isOpen = access === 'open' || access === 'either'
  // A wrong token is refused everywhere, so that who sends it learns of it.
  return isOpen && request.headers.authorization === undefined
}

/** @throws UnauthorizedError where only part of a route's answers is public. */
export function wantToken(request: FastifyRequest): void {
  if (!request.isTrusted) throw new UnauthorizedError({ isWrong: false })
}

export function isLoopback(ip: string): boolean {
  return ip === '::1' || /^(::ffff:)?127\./.test(ip)
}

function accessOf(request: FastifyRequest): Access {
  const declared = request.routeOptions.config?.access
  if (declared) return declared
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const path = request.routeOptions.url ?? request.url
  // An unknown path is answered 404 to everybody.
  if (request.is404) return 'open'
  return isRead && !path.startsWith('/api/') ? 'open' : 'token'
}

const tokenCharsMax = 512

function tokenOf({ authorization = '' }: IncomingHttpHeaders): string | null {
  return /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1] ?? null
}

/**
 * At the length of the longest, so that comparing takes the same time for every guess. No token
 * contains a zero byte, so two that differ still do.
 */
function padded(token: string): Buffer {
  const bytes = Buffer.alloc(tokenCharsMax)
  bytes.write(token, 'utf8')
  return bytes
}
