import { randomUUID } from 'node:crypto'
import http from 'node:http'
import { ApiAwayError } from '../../schemas/errors/installation.ts'
import { problemOf } from '../../schemas/errors/problem.ts'
import { securityHeaders } from '../../serving/api/http/securityHeaders.ts'
import { holdGiven } from '../sockets/holdPort.ts'
import { listenOn } from '../sockets/listenOn.ts'

/**
 * Answers every request on the given sockets with 503 until it is ended: what `standIn.ts` starts
 * while the API cannot run. It reads no token and no body.
 */
const connectionsMax = 1_000
const headMsMax = 5_000
const endMsMax = 1_000

const server = http.createServer(
  { headersTimeout: headMsMax, requestTimeout: headMsMax, connectionsCheckingInterval: 1_000 },
  (request, answer) => {
    const id = randomUUID()
    const { problem, headers: own } = problemOf(new ApiAwayError(), id)
    const headers = { ...securityHeaders, 'x-request-id': id, ...own }
    const body = request.method === 'HEAD' ? '' : JSON.stringify(problem)
    answer.writeHead(problem.status, { ...headers, connection: 'close' }).end(body)
  },
)
server.maxConnections = connectionsMax

// A supervisor that is started anew wants the port at once.
process.on('disconnect', () => process.exit())
// It may have ended while this was being loaded.
if (!process.connected) process.exit()
const stopAccepting = await listenOn(server, holdGiven(process.argv.slice(2).map(Number)))

const end = () => {
  stopAccepting()
  server.close(() => process.exit())
  server.closeIdleConnections()
  setTimeout(() => process.exit(), endMsMax)
}
process.on('SIGTERM', end)
