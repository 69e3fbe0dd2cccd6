import { randomUUID } from 'node:crypto'
import { problemOf } from '../../../schemas/errors/problem.ts'
import type { WattproofError } from '../../../schemas/errors/wattproofError.ts'
import { toJson } from '../../../schemas/units.ts'
import { securityHeaders } from './securityHeaders.ts'

/** A refusal that no route makes, as any other is answered; its connection ends with it. */
export function closingAnswer(error: WattproofError) {
  const id = randomUUID()
  const { problem, headers } = problemOf(error, id)
  const body = toJson(problem)
  const framing = { 'content-length': String(Buffer.byteLength(body)), connection: 'close' }
  const all = { ...securityHeaders, 'x-request-id': id, ...headers, ...framing }
  return { status: problem.status, headers: all, body }
}
