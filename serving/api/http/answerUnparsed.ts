import {
  type IncomingMessage,
  maxHeaderSize,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import {
  ExpectationError,
  HeadTooLargeError,
  NotHttpError,
  RequestLateError,
} from '../../../schemas/errors/request.ts'
import { sentenceOf, type WattproofError } from '../../../schemas/errors/wattproofError.ts'
import { isAnswering } from './boundPipelines.ts'
import { closingAnswer } from './closingAnswer.ts'

type ParserError = Error & { readonly code?: string; readonly reason?: string }

/**
 * Answers what the server cannot parse, as any other refusal is answered, and closes the
 * connection: where the next request begins is unknown.
 *
 * While an earlier request is not answered it only closes: this would be taken for that answer.
 */
export function answerUnparsed(error: ParserError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (!socket.writable || isAnswering(socket)) {
    socket.destroy()
    return
  }
  const { status, headers, body } = closingAnswer(refusalOf(error))
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
  socket.destroySoon()
}

/** Answers an unknown `Expect`, for which no hook runs. */
export function answerExpectations(app: FastifyInstance): void {
  const server = app.server as Server
  server.on('checkExpectation', (request: IncomingMessage, answer: ServerResponse) => {
    const expect = request.headers.expect ?? ''
    const { status, headers, body } = closingAnswer(new ExpectationError({ expect }))
    answer.writeHead(status, headers).end(body)
  })
}

function refusalOf(error: ParserError): WattproofError {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestLateError()
  if (error.code === 'HPE_HEADER_OVERFLOW')
    return new HeadTooLargeError({ bytesMax: maxHeaderSize })
  return new NotHttpError({ reason: error.reason ?? sentenceOf(error) })
}
