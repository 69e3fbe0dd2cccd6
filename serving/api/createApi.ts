import { randomUUID } from 'node:crypto'
import { parse as parseQuery } from 'node:querystring'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import { TokenTooShortError } from '../../schemas/errors/configuration.ts'
import { MethodNotAllowedError, NoSuchRouteError } from '../../schemas/errors/request.ts'
import { createEventReader } from '../store/readEvents.ts'
import { guardAccess, rightsReader } from './http/access.ts'
import { admitReads } from './http/admitReads.ts'
import { followMethods } from './http/allowedMethods.ts'
import { answerError } from './http/answerError.ts'
import { answerExpectations, answerUnparsed } from './http/answerUnparsed.ts'
import { answerUnrouted, partCharsMax } from './http/answerUnrouted.ts'
import { boundAnswers } from './http/boundAnswers.ts'
import { boundConnections } from './http/boundConnections.ts'
import { boundPipelines } from './http/boundPipelines.ts'
import { addEntityTags } from './http/entityTag.ts'
import { guardHost } from './http/guardHost.ts'
import { limitRate } from './http/limitRate.ts'
import { type ApiLimits, apiLimits } from './http/limits.ts'
import { addMetrics } from './http/metrics.ts'
import { addOpenApi, addOpenApiRoute } from './http/openApi.ts'
import { securityHeaders } from './http/securityHeaders.ts'
import type { ApiContext, ApiPorts } from './read/apiPorts.ts'
import { boundCommands, boundPorts } from './read/boundPorts.ts'
import { createChainReader } from './read/readChain.ts'
import { createStatusReader } from './read/readStatus.ts'
import { addChainRoutes } from './routes/chainRoutes.ts'
import { addEventRoutes } from './routes/eventRoutes.ts'
import { addHealthRoutes } from './routes/healthRoutes.ts'
import { addMeterRoutes } from './routes/meterRoutes.ts'
import { addSettlementRoutes } from './routes/settlementRoutes.ts'
import { addSiteRoutes } from './routes/siteRoutes.ts'
import { addStatusRoutes } from './routes/statusRoutes.ts'
import { addStreamRoute } from './routes/streamRoutes.ts'
import { addViewRoutes } from './routes/viewRoutes.ts'
import { addWorkRoutes } from './routes/workRoutes.ts'
import { followUpdates } from './stream/followUpdates.ts'
import { createUpdateReader } from './stream/pollUpdates.ts'
import { createStreamHub } from './stream/streamHub.ts'

export type CreateApiParameters = ApiPorts & {
  /**
   * Bearer token for everything that changes state or shows a single meter; 16 characters at least.
   */
  readonly token: string
  /** Bearer token for validators only. Absent: they have none. */
  readonly validatorToken?: string
  readonly version: string
  /** Accepted host names besides localhost and addresses; any other is refused. */
  readonly names?: readonly string[]
  /** Addresses and networks of reverse proxies, whose `X-Forwarded-For` names the caller. */
  readonly proxies?: readonly string[]
  readonly limits?: Partial<ApiLimits>
  /** Absent: nothing is logged. */
  readonly logger?: { readonly level: string; readonly stream?: { write(line: string): void } }
  /** Further routes: the readings route, the pages. They are under the same guards. */
  readonly extensions?: readonly ((app: FastifyInstance) => void | Promise<void>)[]
}

const tokenCharsMin = 16

/**
 * The HTTP server of the installation, not yet listening: `/api/v1`, health at the root, and
 * whatever the extensions add. Closing it ends the live streams; the ports stay open.
 *
 * @throws InvalidArgumentError for a token that is too short.
 */
export async function createApi(parameters: CreateApiParameters): Promise<FastifyInstance> {
  const { token, validatorToken, version, extensions = [], ...given } = parameters
  for (const each of [token, validatorToken ?? token]) {
    if (each.length < tokenCharsMin) throw new TokenTooShortError({ charsMin: tokenCharsMin })
  }
  const limits = { ...apiLimits, ...parameters.limits }
  const app = createServer(parameters, limits)
  guard(app, parameters, limits)
  await addOpenApi(app, { version })
  const ports = boundPorts(given)
  const events = createEventReader(ports.views)
  const api: ApiContext = {
    ...ports,
    commands: boundCommands(given.commands),
    version,
    limits,
    readStatus: createStatusReader({ ...ports, events }, version),
    events,
    chainReader: createChainReader({ ...ports, events }, limits),
  }
  addRoutes(app, api)
  for (const extend of extensions) await extend(app)
  await app.ready()
  return app
}

function createServer(
  { logger, proxies = [] }: CreateApiParameters,
  limits: ApiLimits,
): FastifyInstance {
  return Fastify({
    logger: logger ? { ...logger, redact: ['req.headers.authorization', '*.token'] } : false,
    // Two lines per request only at debug level; failures are always logged.
    logController: new LogController({
      disableRequestLogging: !['trace', 'debug'].includes(logger?.level ?? ''),
    }),
    bodyLimit: limits.bodyBytesMax,
    trustProxy: proxies.length > 0 ? [...proxies] : false,
    requestTimeout: limits.receiveMsMax,
    // A client that reads nothing of its answer ends too; streams have heartbeats.
    connectionTimeout: limits.stillMsMax,
    keepAliveTimeout: 72_000,
    http: {
      headersTimeout: limits.headMsMax,
      connectionsCheckingInterval: limits.checkMs,
      // `guardHost` says so as a problem.
      requireHostHeader: false,
    },
    clientErrorHandler: answerUnparsed,
    routerOptions: {
      maxParamLength: partCharsMax,
      querystringParser: (text) =>
        parseQuery(text, '&', '=', { maxKeys: limits.queryParametersMax }),
    },
    frameworkErrors: answerUnrouted(limits),
    genReqId: requestId,
    requestIdHeader: false,
    return503OnClosing: true,
    forceCloseConnections: true,
  })
}

/** A client's own id if it is harmless, so that two logs can be correlated. */
function requestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : randomUUID()
}

/** The guards before every route, in this order. */
function guard(
  app: FastifyInstance,
  { token, validatorToken, names = [], proxies = [] }: CreateApiParameters,
  limits: ApiLimits,
): void {
  app.setErrorHandler(answerError)
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers(securityHeaders).header('x-request-id', request.id)
    done()
  })
  const readRights = rightsReader({ token, validatorToken })
  guardAccess(app, readRights)
  answerExpectations(app)
  const connections = boundConnections(app, limits, proxies)
  boundPipelines(app, limits, ({ socket, headers }) => {
    if (!connections.isStrangers(socket)) return false
    const { isTrusted, isValidator } = readRights(headers)
    return !isTrusted && !isValidator
  })
  limitRate(app, limits, connections)
  // After the limit, so that what it refuses is counted.
  guardHost(app, names)
  admitReads(app, limits)
  const methodsAt = followMethods(app)
  app.setNotFoundHandler((request, reply) => {
    const { method } = request
    const path = request.url.split('?')[0]!
    const allowed = methodsAt(path)
    if (allowed.length === 0) throw new NoSuchRouteError({ method, path })
    void reply.header('allow', allowed.join(', '))
    throw new MethodNotAllowedError({ method, path, allowed })
  })
  addEntityTags(app)
  // Last, when it is known what is left to send.
  boundAnswers(app, limits)
}

function addRoutes(app: FastifyInstance, api: ApiContext): void {
  const { limits, clock } = api
  const hub = createStreamHub({
    clientsMax: limits.streamClientsMax,
    openClientsMax: limits.openStreamsMax,
    openClientsPerAddressMax: limits.openStreamsPerAddressMax,
    openMsMax: limits.openStreamMsMax,
    messagesMax: limits.streamMessagesMax,
    keptBytesMax: limits.streamKeptBytesMax,
    bytesMax: limits.streamBytesMax,
    openBytesMax: limits.openStreamBytesMax,
    heartbeatMs: limits.streamHeartbeatMs,
  })
  const warn = (sentence: string) => app.log.warn(sentence)
  const updates = createUpdateReader(api)
  const follower = followUpdates({ updates, hub, clock, pollMs: limits.streamPollMs, warn })
  app.addHook('preClose', async () => {
    hub.close()
    await follower.stop()
  })
  const { readStatus } = api
  const metrics = addMetrics(app, { readStatus, countClients: () => hub.count() })
  void app.register(async (scope) => {
    addHealthRoutes(scope, api, metrics)
  })
  void app.register(
    async (scope) => {
      addStatusRoutes(scope, api)
      addViewRoutes(scope, api)
      addMeterRoutes(scope, api)
      addSiteRoutes(scope, api)
      addEventRoutes(scope, api)
      addSettlementRoutes(scope, api)
      addChainRoutes(scope, api)
      addWorkRoutes(scope, api)
      addStreamRoute(scope, { hub, follower, readStatus })
      addOpenApiRoute(scope)
    },
    { prefix: '/api/v1' },
  )
}
