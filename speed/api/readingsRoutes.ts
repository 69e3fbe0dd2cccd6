// The swagger plug-in adds `tags` and `summary` to the type of a route's schema.

import type {} from '@fastify/swagger'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ContentEncodingError } from '../../schemas/errors/request.ts'
import { RestatesTooMuchError, WithdrawnIngestError } from '../../schemas/errors/word.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { formatOf, readingMediaTypes } from '../ingest/body/format.ts'
import { countReasons } from '../ingest/countReasons.ts'
import { type IngestLimits, ingestLimits } from '../ingest/limits.ts'
import { openRosterGrids } from '../ingest/rosterGrids.ts'
import { admitBodies } from './admitBodies.ts'
import { answerError } from './answerError.ts'
import { appendOnce, areAppended, keysOf } from './appendOnce.ts'
import { compareRestated } from './compareRestated.ts'
import {
  type ComparisonAnswer,
  describedComparison,
  describedOnly,
  describedReadings,
  type ReadingsAnswer,
} from './describeRoutes.ts'
import { finishOnceArchived } from './finishWithdrawals.ts'
import { type KeyMemory, lazyKeyMemory } from './keyMemory.ts'
import { registerMeterRoutes } from './meterRoutes.ts'
import { fileOf, keyOf, queryOf } from './readingsQuery.ts'
import { type RowsRead, readRows, withEntry } from './readRows.ts'
import { openRegisterStore, type RegisterStore } from './registerStore.ts'
import type { MeterRegistry } from './registry.ts'
import { registerRejectedRoutes } from './rejectedRoutes.ts'
import { isRestatedTooMuch, restatedMax, sumRestated } from './restatedTooMuch.ts'
import { registerRosterRoutes } from './rosterRoutes.ts'
import { openRosters, type Rosters, withRoster } from './rosters.ts'
import { openSourceForms, type SourceForms } from './sourceForms.ts'
import { type Body, type Taken, takeColumns, takenOf, takeOne } from './takeBody.ts'
import { openWithdrawals, type Withdrawals } from './withdrawals.ts'
import { registerWordRoutes } from './wordRoutes.ts'
import type { RegisterWords } from './wordsOfRegisters.ts'

export type ReadingsRoutesOptions = {
  readonly log: Log
  readonly views: Views
  readonly clock: Clock
  readonly registry: MeterRegistry
  readonly partitions: number
  /** Shared with what else takes readings in this process (`createDeadLetterRetry`). */
  readonly forms?: SourceForms
  readonly registerStore?: RegisterStore
  readonly limits?: Partial<IngestLimits>
}

type Server = Omit<ReadingsRoutesOptions, 'forms' | 'registerStore' | 'limits'> & {
  readonly forms: SourceForms
  readonly limits: IngestLimits
  readonly memory: () => Promise<KeyMemory>
  readonly withdrawals: Withdrawals
  readonly registerStore: RegisterStore
  readonly rosters: Rosters
  readonly gridsOf: ReturnType<typeof openRosterGrids>
  /** Requests in progress by key, so that a retry waits for the request it repeats. */
  readonly running: Map<string, Promise<unknown>>
}

/**
 * `POST /api/v1/readings` and `POST /api/v1/meters`. Hooks of the instance decide who may
 * call them.
 *
 * A request repeated under one `Idempotency-Key` with the same outcome is not appended twice, even
 * after kill -9 between two partitions. With another outcome (a meter was enrolled since, or the
 * unit was corrected) it is appended: a key never hides a reading that is not in the log.
 */
export function registerReadingsRoutes(app: FastifyInstance, options: ReadingsRoutesOptions): void {
  const limits = { ...ingestLimits, ...options.limits }
  const memory = lazyKeyMemory({ ...options, keysMax: limits.keysMax })
  const withdrawals = openWithdrawals(options)
  const forms = options.forms ?? openSourceForms(options)
  const registerStore = options.registerStore ?? openRegisterStore(options)
  const rosters = openRosters({ ...options, limits })
  const gridsOf = openRosterGrids(options.registry)
  const own = { limits, memory, withdrawals, forms, registerStore, rosters, gridsOf }
  const api: Server = { ...options, ...own, running: new Map() }
  // Loaded before the first request needs it; a request loads it again where this failed.
  app.server.once('listening', () => void memory().catch(() => {}))
  finishOnceArchived(app, { ...options, withdrawals, registerStore })
  void app.register(async (scope) => {
    scope.setErrorHandler(answerError)
    // Raw bytes: a rejected row keeps those it was sent as.
    scope.removeContentTypeParser(['application/json', 'text/plain'])
    scope.addContentTypeParser(readingMediaTypes, { parseAs: 'buffer' }, (_, body, done) => {
      done(null, body)
    })
    scope.addHook('preParsing', (request, _, payload, done) => {
      const encoding = request.headers['content-encoding'] ?? 'identity'
      const isPlain = /^identity$/i.test(encoding)
      done(isPlain ? null : new ContentEncodingError({ encoding }), payload)
    })
    // Its hooks run after every one that may refuse the caller.
    admitBodies(scope, limits)
    const config = { problems: [...askedOnly.problems, 'conflict'] as const }
    const body = { bodyLimit: limits.bytesMax, schema: describedReadings }
    const route = { config, ...body, ...describedOnly }
    scope.post('/api/v1/readings', route, (request, reply) => takeReadings(api, request, reply))
    const compared = { ...route, config: askedOnly, schema: describedComparison }
    scope.post('/api/v1/readings/comparison', compared, (request) => {
      return withRoster(rosters, () => compareBody(api, request))
    })
    registerMeterRoutes(scope, options)
    registerRosterRoutes(scope, { ...options, rosters })
    registerWordRoutes(scope, { ...options, withdrawals, registerStore })
    registerRejectedRoutes(scope, {
      ...api,
      keyOf: (request) => keyOf(request, limits),
      fileOf: (request) => fileOf(request, queryOf(request), limits),
    })
  })
}

async function takeReadings(
  api: Server,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<ReadingsAnswer> {
  const key = keyOf(request, api.limits)
  void reply.code(202)
  if (key === '') return queueBody(api, request, key)
  const earlier = api.running.get(key)
  const own = earlier
    ? earlier.catch(() => {}).then(() => queueBody(api, request, key))
    : queueBody(api, request, key)
  api.running.set(key, own)
  try {
    return await own
  } finally {
    if (api.running.get(key) === own) api.running.delete(key)
  }
}

const askedOnly = { problems: ['not-acknowledged', 'too-slow', 'unknown-roster'] } as const

/** What a body would change, were it sent; nothing is stored. */
async function compareBody(api: Server, request: FastifyRequest): Promise<ComparisonAnswer> {
  const body = readRequest(api, request)
  const { nowMs } = body
  const { readings, registers } = await rowsOf(api, body)
  const { words } = await api.registerStore.look(
    registers.map(({ register }) => register),
    nowMs,
  )
  const meters = await compareRestated([...readings, ...words], { ...api, nowMs })
  return { ...sumRestated(meters), meters: [...meters] }
}

async function queueBody(
  api: Server,
  request: FastifyRequest,
  key: string,
): Promise<ReadingsAnswer> {
  const body = readRequest(api, request)
  const memory = key === '' ? null : await api.memory()
  const queued = { body, key, memory }
  const one = takeOne(api, body)
  const answer = one
    ? await queueTaken(api, one, queued)
    : await withRoster(api.rosters, () => queueMany(api, queued))
  // Another request was first with another form of its source: this one is read again.
  return answer ?? queueBody(api, request, key)
}

async function queueMany(api: Server, queued: Queued): Promise<ReadingsAnswer | null> {
  const columns = await takeColumns(api, queued.body)
  if (columns) return queueTaken(api, columns, queued)
  return queueRows(api, await rowsOf(api, queued.body), queued)
}

type Queued = {
  readonly body: Body
  readonly key: string
  readonly memory: KeyMemory | null
}

function queueRows(api: Server, read: RowsRead, queued: Queued): Promise<ReadingsAnswer | null> {
  const { registers } = read
  if (registers.length === 0) return queueTaken(api, takenOf(api, read), queued)
  const { nowMs, from } = queued.body
  const own = registers.map(({ register }) => register)
  const takenWith = (entry: RegisterWords) => takenOf(api, withEntry(read, entry, from))
  return api.registerStore.take(
    { registers: own, nowMs },
    {
      admit: (entry) => admit(api, takenWith(entry), queued),
      append: (entry) => append(api, takenWith(entry), queued),
    },
  )
}

/** Null where the form of a source was decided meanwhile. */
async function queueTaken(
  api: Server,
  taken: Taken,
  queued: Queued,
): Promise<ReadingsAnswer | null> {
  if (mayBeBarred(taken, queued) && !(await admit(api, taken, queued))) return null
  return append(api, taken, queued)
}

function mayBeBarred({ ingests, fresh }: Taken, { body }: Queued): boolean {
  return ingests.length > 0 || body.isRestateRefused || fresh.size > 0
}

/** Whether the form of no source was decided otherwise meanwhile; refuses what may not be sent. */
async function admit(api: Server, taken: Taken, { body, key, memory }: Queued): Promise<boolean> {
  const mayBeRefused = taken.ingests.length > 0 || body.isRestateRefused
  // A retry of what was acknowledged is answered as it was, whatever was decided since.
  if (mayBeRefused && !areAppended(memory, keysOf(key, taken.readings))) {
    await refuse(api, taken, body)
  }
  return taken.fresh.size === 0 || api.forms.take(taken.fresh)
}

async function append(
  { log, limits }: Server,
  { readings, rejections, gapsByKind, evidence }: Taken,
  { body, key, memory }: Queued,
): Promise<ReadingsAnswer> {
  const { nowMs } = body
  const parameters = { log, memory, key, readings, rejections, nowMs }
  const { position, rejectedPosition, repeated } = await appendOnce(parameters)
  let accepted = 0
  for (const { rows } of readings.values()) accepted += rows
  return {
    read: accepted + rejections.length,
    queued: accepted - repeated,
    repeated,
    gaps: Object.values(gapsByKind).reduce((sum, count) => sum + count, 0),
    gapsByKind,
    understood: evidence.length === 0 ? undefined : evidence,
    position,
    rejectedPosition,
    rejectedCount: rejections.length,
    rejectedByReason: countReasons(rejections),
    rejected: rejections.slice(0, limits.rejectionsListedMax).map((each) => {
      const { index, line, column, value, reason, detail } = each
      return { index, line, column, value, reason, detail }
    }),
  }
}

function readRequest(api: Server, request: FastifyRequest): Body {
  const { file, source: saidBy = '', ingest = '', restate, ...query } = queryOf(request)
  const format = formatOf(request.headers['content-type'] ?? '', query)
  // Files are sent by people, JSON and frames by programs, whose readings are not looked up.
  const isFile = format.kind === 'table' || format.kind === 'tidy'
  return {
    format,
    bytes: (request.body ?? new Uint8Array()) as Uint8Array,
    nowMs: api.clock.nowMs(),
    from: { source: fileOf(request, { file }, api.limits), by: { source: saidBy, ingest } },
    isRestateRefused: (restate ?? (isFile ? 'refuse' : 'allow')) === 'refuse',
  }
}

function rowsOf(api: Server, { bytes, format, nowMs, from }: Body) {
  const { source, by } = from
  const { limits, rosters } = api
  const options = { format, nowMs, source, by, rowsMax: limits.rowsMax, rosterOf: rosters.of }
  return readRows(bytes, options, api)
}

async function refuse(api: Server, { ingests, rows }: Taken, body: Body): Promise<void> {
  await refuseWithdrawn(api, ingests)
  if (body.isRestateRefused) await refuseRestated(api, rows, body.nowMs)
}

async function refuseWithdrawn(api: Server, ingests: readonly string[]): Promise<void> {
  for (const ingest of ingests) {
    if (await api.withdrawals.has(ingest)) throw new WithdrawnIngestError({ ingest })
  }
}

async function refuseRestated(api: Server, readings: readonly Reading[], nowMs: EpochMs) {
  if (readings.length <= restatedMax.intervals) return
  const compared = await compareRestated(readings, { ...api, nowMs })
  const sum = sumRestated(compared)
  if (!isRestatedTooMuch(sum)) return
  const meters = compared.slice(0, api.limits.rejectionsListedMax)
  throw new RestatesTooMuchError({ ...sum, meters, flag: 'restate=allow' })
}
