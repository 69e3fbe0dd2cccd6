import { RetryableError, sentenceOf } from '../../../schemas/errors/wattproofError.ts'
import type { Generation } from '../../../schemas/generation.ts'
import { isIdle, type PartitionState, reachedByAwake } from '../../../schemas/partitions.ts'
import type { ChainHead } from '../../../schemas/ports/chain.ts'
import type { JobReport } from '../../../schemas/ports/jobs.ts'
import { readArchiveProgress } from '../../../schemas/ports/readPlaces.ts'
import { readPublished } from '../../../schemas/ports/readPublished.ts'
import { readWatermarks, type SpeedProgress } from '../../../schemas/ports/readWatermarks.ts'
import { emptyCounters, type IngestCounters, isBalanced } from '../../../schemas/reading/reading.ts'
import type { RowOf } from '../../../schemas/sql/catalogue/catalogue.ts'
import { isoUtc } from '../../../schemas/time.ts'
import { type LayerGroup, readingsTopic } from '../../../schemas/topics.ts'
import type { Status } from '../../shapes/status.ts'
import type { EventReader } from '../../store/readEvents.ts'
import { remember } from '../http/remember.ts'
import { within } from '../http/within.ts'
import type { ApiPorts } from './apiPorts.ts'
import { portMsMax } from './boundPorts.ts'
import { describeBatch } from './describeBatch.ts'
import { createLagReader, describeReader, describeSpeed, type Lag } from './readLag.ts'
import { countUnderWay, describeUnderWay } from './underWay.ts'

export type StatusPorts = Pick<
  ApiPorts,
  | 'views'
  | 'log'
  | 'chain'
  | 'jobs'
  | 'clock'
  | 'idleS'
  | 'isDaily'
  | 'listReplaced'
  | 'listUnreadable'
> & {
  readonly events: Pick<EventReader, 'states' | 'list'>
}

/** Clients wait for the ingest counters; the rest changes slowly or costs more. */
const counters = { freshMs: 40 } as const
const slow = { freshMs: 400, staleMs: 3_000 } as const

type LayerState = Status['layers']['speed']
type ReachedChain = { readonly head: ChainHead; readonly chainId: number }
type ChainState = ReachedChain | { readonly sentence: string }

/** The status of the installation, collected from the stores at most every few milliseconds. */
export function createStatusReader(ports: StatusPorts, version: string): () => Promise<Status> {
  const readLag = remember(counters, createLagReader(ports.log))
  const readStores = createStoresReader(ports, { version, readLag })
  const readKnown = lastKnown(readStores, { clock: ports.clock, readLag })
  // Read from our own folder, so it is known even while no store answers.
  return async () => ({ ...(await readKnown()), replaced: ports.listReplaced?.() ?? [] })
}

type StoresReader = { readonly version: string; readLag(): Promise<Lag> }

function createStoresReader(ports: StatusPorts, reader: StoresReader): () => Promise<Status> {
  const { views, clock } = ports
  const { version, readLag } = reader
  const readCounters = remember(counters, () => views.query('ingest_counters'))
  const readReached = remember(counters, () => readSpeed(views))
  const readArchived = remember(counters, () => readArchiveProgress(views))
  const readGeneration = remember(slow, () => readPublished(views))
  const readDirty = remember(slow, () => readDirtyDays(views))
  const readReasons = remember(slow, () => views.query('rejected_counts'))
  const readChain = remember(slow, () => readChainState(ports))
  const readBatch = remember(slow, () => readBatchState(ports))
  const readUnderWay = remember(slow, () => countUnderWay(ports))
  return remember(counters, async () => {
    const [rows, lag, { watermarks, isEnrolmentShown }, archived] = await Promise.all([
      readCounters(),
      readLag(),
      readReached(),
      readArchived(),
    ])
    const [published, dirtyDays, reasons, chain, batch, underWay] = await Promise.all([
      readGeneration(),
      readDirty(),
      readReasons(),
      readChain(),
      readBatch(),
      readUnderWay(),
    ])
    const nowMs = clock.nowMs()
    const partitions = partitionStates(lag, watermarks, archived)
    const idleAt = { nowMs, idleS: ports.idleS }
    const [readings, speed] = [countersOf(rows, 'archive'), countersOf(rows, 'speed')]
    // A partition that never had a record does not hold the watermark back either.
    const used = partitions.filter(({ isUsed }) => isUsed)
    const watermarkMs = reachedByAwake(used, idleAt)
    const shown = {
      watermarks: watermarks.map(describeWatermark),
      generation: published ? describeGeneration(published) : null,
      isEnrolmentShown,
    }
    return {
      version,
      now: isoUtc(nowMs),
      oldSince: null,
      readings,
      speed,
      isBalanced: isBalanced(readings) && isBalanced(speed),
      rejectedByReason: Object.fromEntries(reasons.map((each) => [each.reason, each.rejected])),
      watermark: watermarkMs === null ? null : isoUtc(watermarkMs),
      ...shown,
      idlePartitions: partitions.flatMap((each) => {
        const { partition, readMs } = each
        return isIdle(each, idleAt) && readMs !== null ? [{ partition, since: isoUtc(readMs) }] : []
      }),
      batchHighWaterMark: published ? isoUtc(published.highWaterMs) : null,
      heldFrom: heldFrom(watermarks, published),
      dirtyDays,
      lagMs: watermarkMs === null ? null : Math.max(0, nowMs - watermarkMs),
      lag,
      chain: 'head' in chain ? describeHead(chain) : null,
      layers: {
        speed: describeSpeed(lag, shown),
        archive: describeReader('archive', lag),
        batch: batch(published, dirtyDays),
        serving: describeUnderWay(underWay),
        chain: describeChain(chain),
      },
      replaced: [],
    }
  })
}

/** The log is usually another store than the silent one and answers at once; else give up soon. */
const lagMsMax = 100

type LastKnownOptions = { readonly clock: StatusPorts['clock']; readLag(): Promise<Lag> }

/**
 * While the stores do not answer in time, repeats their last answer and says how old it is. The lag
 * is read from the log now, since it grows meanwhile.
 */
function lastKnown(read: () => Promise<Status>, { clock, readLag }: LastKnownOptions) {
  let last: Status | null = null
  return async (): Promise<Status> => {
    const answer = read().then((status) => {
      last = status
      return status
    })
    try {
      return await within(portMsMax, answer)
    } catch (error) {
      answer.catch(() => {})
      if (last === null || !(error instanceof RetryableError)) throw error
      const { now, watermark, layers } = last
      const lag = await within(lagMsMax, readLag()).catch(() => null)
      const nowMs = clock.nowMs()
      const lagMs = watermark === null ? null : Math.max(0, nowMs - Date.parse(watermark))
      const old = { ...last, now: isoUtc(nowMs), lagMs, oldSince: now }
      if (lag === null) return old
      const readers = {
        speed: describeSpeed(lag, last),
        archive: describeReader('archive', lag),
      }
      return { ...old, lag, layers: { ...layers, ...readers } }
    }
  }
}

function countersOf(rows: readonly RowOf<'ingest_counters'>[], layer: LayerGroup): IngestCounters {
  const { layer: _, ...counters } = rows.find((row) => row.layer === layer) ?? {
    layer,
    ...emptyCounters,
  }
  return counters
}

/** Each partition of readings with the offsets of both layers. */
function partitionStates(
  lag: Lag,
  watermarks: readonly SpeedProgress[],
  archived: readonly RowOf<'archive_progress'>[],
): (PartitionState & { readonly isUsed: boolean })[] {
  const reached = new Map(watermarks.map((each) => [each.partition, each.watermarkMs]))
  const read = new Map(archived.map((row) => [row.log_partition, row.read_ms]))
  const ofReadings = lag.filter(({ topic }) => topic === readingsTopic)
  return [...new Set(ofReadings.map(({ partition }) => partition))].map((partition) => {
    const own = ofReadings.filter((each) => each.partition === partition)
    return {
      partition,
      reachedMs: reached.get(partition) ?? null,
      readMs: read.get(partition) ?? null,
      isAtEnd: own.every(({ records }) => records === 0),
      isUsed: own.some(({ end }) => end > 0),
    }
  })
}

function describeWatermark(reached: SpeedProgress): Status['watermarks'][number] {
  const { partition, watermarkMs, generation } = reached
  return { partition, watermark: isoUtc(watermarkMs), generation }
}

/** Null also when the batch layer has everything before it. */
function heldFrom(
  watermarks: readonly SpeedProgress[],
  published: Generation | null,
): Status['heldFrom'] {
  const ms = Math.max(...watermarks.map((each) => each.heldFromMs ?? Number.NEGATIVE_INFINITY))
  return Number.isFinite(ms) && ms > (published?.highWaterMs ?? 0) ? isoUtc(ms) : null
}

function describeGeneration(made: Generation): NonNullable<Status['generation']> {
  return {
    generation: made.generation,
    highWater: isoUtc(made.highWaterMs),
    horizon: isoUtc(made.horizonMs),
    modelId: made.modelId,
    created: isoUtc(made.createdMs),
    heldSince: made.heldSinceMs === null ? null : isoUtc(made.heldSinceMs),
  }
}

/** What the speed layer shows. */
async function readSpeed(views: StatusPorts['views']) {
  const [watermarks, [row]] = await Promise.all([
    readWatermarks(views),
    views.query('enrolments_shown'),
  ])
  return { watermarks, isEnrolmentShown: row === undefined || row.shown >= row.enrolled }
}

async function readDirtyDays(views: StatusPorts['views']): Promise<Status['dirtyDays']> {
  const published = await readPublished(views)
  if (!published) return null
  const { generation } = published
  const [row] = await views.query('dirty_days', { generation })
  return row ? { days: row.days, meters: row.meters, since: isoUtc(row.since_ms) } : null
}

/** The state of the batch layer, given what it has published. */
async function readBatchState({ jobs, isDaily }: StatusPorts) {
  let recent: readonly JobReport[]
  try {
    recent = await jobs.recent(20)
  } catch (error) {
    const reason = sentenceOf(error)
    const down = { state: 'down' as const, sentence: `The job queue does not answer: ${reason}` }
    return () => down
  }
  return (published: Generation | null, dirtyDays: Status['dirtyDays']) =>
    describeBatch({ recent, published, dirtyDays, isDaily })
}

async function readChainState({ chain }: StatusPorts): Promise<ChainState> {
  try {
    const [head, identity] = await Promise.all([chain.head(), chain.identity()])
    return { head, chainId: identity.chainId }
  } catch (error) {
    if (error instanceof RetryableError) return { sentence: error.message }
    throw error
  }
}

function describeHead({ head, chainId }: ReachedChain) {
  return {
    head: head.number,
    finalized: head.finalized,
    timestamp: isoUtc(head.timestampS * 1000),
    chainId,
  }
}

function describeChain(chain: ChainState): LayerState {
  if (!('head' in chain)) return { state: 'down', sentence: chain.sentence }
  if (chain.head.waits) return { state: 'waiting', sentence: chain.head.waits }
  return { state: 'ok', sentence: `Block ${chain.head.number} is the newest.` }
}
