import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { openLmdbLog } from '../../../deploy/engines/log/lmdb/lmdbLog.ts'
import { openFolderModels } from '../../../deploy/engines/models/folderModels.ts'
import { openClickHouseViews } from '../../../deploy/engines/views/clickhouseViews.ts'
import { bearer, openTestApi, standingClock } from '../../../deploy/testing/testApi.ts'
import { startTestClickHouse, type TestClickHouse } from '../../../deploy/testing/testClickHouse.ts'
import { keccakOfText, sha256Hex } from '../../../schemas/hash.ts'
import type { Log } from '../../../schemas/ports/log.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { firstProgress } from '../../programme/announceEvent.ts'
import type { EventDraft, ServingCommands } from '../../programme/commands.ts'
import type { BuildSettlementReturnType } from '../../settlement/buildSettlement.ts'
import { accounts, exampleEvent } from '../../settlement/testing/exampleEvent.ts'
import type { ValidatorVerdict } from '../../store/validatorVerdict.ts'
import type { StoredDeadLetter } from '../read/apiPorts.ts'
import { cardOf, endMs, fill, hourMs } from './fillViews.ts'
import { type RecordedAnswer, recordAnswers } from './recordAnswers.ts'

export const clock = standingClock(endMs + 3 * hourMs)
export const iso = (ms: number) => new Date(ms).toISOString()

let dir: string
let clickhouse: TestClickHouse
export let views: Views
export let log: Log
export let app: FastifyInstance
export const warned: string[] = []
export let built: BuildSettlementReturnType
export const drafts: EventDraft[] = []
export const verdicts: ValidatorVerdict[] = []
export let retried: readonly StoredDeadLetter[] = []
export let recorded: readonly RecordedAnswer[] = []

/** A row of a JSON answer. */
export type Row = Readonly<Record<string, unknown>>

/** Five meters during an event, as rows in a real store; the routes of serving over a real log. */
export async function openRoutes(): Promise<void> {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-routes-'))
  clickhouse = await startTestClickHouse()
  views = await openClickHouseViews({ url: clickhouse.url })
  const partitions = { 'readings.v1': 2, 'readings.v1.rejected': 1 }
  log = await openLmdbLog({ dir: path.join(dir, 'log'), partitions })
  const models = openFolderModels(path.join(dir, 'models'))
  const bytes = new TextEncoder().encode('a model')
  await models.put(bytes, cardOf(sha256Hex(bytes)))
  await models.release('day-ahead', sha256Hex(bytes))
  built = await fill(views, log, clock.ms)
  app = await openTestApi({
    views,
    log,
    models,
    clock,
    commands,
    logger: { level: 'warn', stream: { write: (line) => void warned.push(line) } },
    retryDeadLetters: async (deadLetters) => {
      retried = deadLetters
      return { queued: 1, stillRejected: ['unparsable'] }
    },
  })
  recorded = recordAnswers(app)
}

export async function closeRoutes(): Promise<void> {
  await app?.close()
  await Promise.all([views?.close(), log?.close()])
  await clickhouse?.stop()
  rmSync(dir, { recursive: true, force: true })
}

const commands: ServingCommands = {
  createEvent: async (draft) => {
    drafts.push(draft)
    return firstProgress({ ...exampleEvent, id: draft.id })
  },
  claim: async (eventId, options) => {
    const claims = [{ account: accounts[0]!, amountMicros: 2n ** 60n, staked: true }]
    const gasUsed = options?.isDryRun ? 0 : 61_000
    return { eventId, claims, refused: [], sumMicros: 2n ** 60n, gasUsed }
  },
  rerun: async () => {
    const root = keccakOfText('rerun')
    return { asOf: { baselines: [40], readings: [42] }, root, rerunRoot: root, difference: null }
  },
  addVerdict: async (verdict) => void verdicts.push(verdict),
  nudge: () => {},
}

/** Parsed JSON, untyped: each test checks the members it expects. */
type Answer = ReturnType<typeof JSON.parse>

export async function read(url: string, headers: object = bearer): Promise<Answer> {
  const response = await app.inject({ url: `/api/v1${url}`, headers: { ...headers } })
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${response.body}`)
  return response.json()
}

export function readBare(url: string) {
  return read(url, {})
}

export async function send(url: string, payload: object) {
  const response = await app.inject({
    method: 'POST',
    url: `/api/v1${url}`,
    headers: bearer,
    payload,
  })
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${response.body}`)
  return response.json()
}
