import { setTimeout as sleep } from 'node:timers/promises'
import { PointlessFlagError } from '../../schemas/errors/commandLine.ts'
import { sha256Hex } from '../../schemas/hash.ts'
import type { IngestCounters } from '../../schemas/reading/reading.ts'
import { type BodyFormat, formatOf } from '../../speed/ingest/body/format.ts'
import { type ParsedBody, parseBody } from '../../speed/ingest/body/parseBody.ts'
import { type Chunk, chunkLines } from '../../speed/ingest/chunkLines.ts'
import { countReasons } from '../../speed/ingest/countReasons.ts'
import type { ApiClient } from '../client/client.ts'
import { readAddress, refuseWithout } from './flags.ts'
import {
  addSent,
  describeReport,
  hasNothingIn,
  type IngestReport,
  openReport,
  type SentAnswer,
} from './ingestReport.ts'
import { type OpenFile, openLocalFile, sizeOfLocalFile } from './localFiles.ts'
import {
  answer,
  asWrongUse,
  type OutputOptions,
  type Progress,
  say,
  startProgress,
} from './output.ts'
import { isUnnamedLines, layoutOf } from './readHead.ts'
import { clientOf, type PlaceOptions } from './settings.ts'

export type IngestOptions = PlaceOptions &
  OutputOptions & {
    readonly layout?: 'tidy' | 'wide'
    readonly unit?: string
    readonly step?: string
    readonly zone: string
    readonly register?: boolean
    readonly group?: string
    readonly account?: string
    readonly wait: boolean
    readonly dryRun?: boolean
  }

export type Answer = SentAnswer & {
  readonly position: Readonly<Record<string, number>>
  readonly rejectedPosition: number | null
}

/** Streams files to the API, waits for the ingest counters, and reports the outcome. */
export async function ingestFiles(files: string[], options: IngestOptions): Promise<void> {
  checkFlags(options)
  const sizes = files.map(sizeOfLocalFile)
  const total = sizes.reduce((sum, size) => (sum === null || size === null ? null : sum + size), 0)
  // A dry run asks nobody, so it needs no installation.
  const client = options.dryRun ? null : clientOf(options)
  const report = openReport(files.length)
  const ends: Ends = { partitions: new Map(), rejected: -1 }
  const progress = startProgress('ingest', total, 'bytes')
  let before = 0
  try {
    for (const file of files) {
      const source = openLocalFile(file)
      const work = { source, options, client, report, ends, progress, before }
      await ingestFile(work).finally(source.close)
      before += source.bytesRead()
    }
  } finally {
    progress.stop()
  }
  if (options.wait && client) report.counters = await waitForCounters(client, ends)
  answer(options, report, () => describeReport(report, client === null))
  if (hasNothingIn(report)) process.exitCode = 1
}

/** @throws AddressOptionError, PointlessFlagError before anything is read or sent. */
export function checkFlags(options: IngestOptions): void {
  if (options.account !== undefined) readAddress('--account', options.account)
  refuseWithout(options, { account: 'register', group: 'register' })
  const ofWide = (['unit', 'step'] as const).find((flag) => options[flag] !== undefined)
  if (options.layout !== 'tidy' || ofWide === undefined) return
  throw new PointlessFlagError({ flag: `--${ofWide}`, with: '--layout tidy' })
}

export type Ends = { readonly partitions: Map<string, number>; rejected: number }

async function ingestFile(work: {
  source: OpenFile
  options: IngestOptions
  client: ApiClient | null
  report: IngestReport
  ends: Ends
  progress: Progress
  before: number
}): Promise<void> {
  const { source, options, client, report, ends, progress, before } = work
  const file = source.name
  const isLines = /\.(ndjson|jsonl)(\.gz)?$/.test(file) || (await isUnnamedLines(source))
  const layout = isLines ? 'tidy' : await layoutOf(source, options)
  const mediaType = isLines ? 'application/x-ndjson' : 'text/csv'
  const query = { layout, zone: options.zone, unit: options.unit, step: options.step }
  const format = readFormat(mediaType, query)
  const readingsPerLine = layout === 'wide' ? 'wide' : 1
  const known = new Set<string>()
  const lines = { hasHeader: !isLines, readingsPerLine } as const
  for await (const chunk of chunkLines(source.pieces, lines)) {
    progress.update(before + source.bytesRead())
    const at = { file, lineOf: (index: number) => chunk.lineNumbers[index] ?? 0 }
    if (client === null) {
      addSent(report, at, answerTo(parse(chunk, format, file)))
      continue
    }
    if (options.register) {
      const meters = metersOf(parse(chunk, format, file))
      await enrol(client, { meters, known, options })
    }
    const asked = definedQuery(query).toString()
    const sent = await client.post<Answer>(`/readings?${asked}`, chunk.body, {
      contentType: mediaType,
      idempotencyKey: keyOf(chunk, `${mediaType}?${asked}`),
    })
    addSent(report, at, sent)
    for (const [partition, offset] of Object.entries(sent.position)) {
      ends.partitions.set(partition, Math.max(ends.partitions.get(partition) ?? -1, offset))
    }
    ends.rejected = Math.max(ends.rejected, sent.rejectedPosition ?? -1)
  }
}

/** The same lines parsed with other options are another request. */
function keyOf({ body, firstLine }: Chunk, readAs: string): string {
  const hash = sha256Hex(Buffer.concat([Buffer.from(`${readAs}\n`), body]))
  return `ingest-${hash.slice(0, 40)}-${firstLine}`
}

function readFormat(mediaType: string, query: Record<string, string | undefined>): BodyFormat {
  return asWrongUse(() => formatOf(mediaType, Object.fromEntries(definedQuery(query))))
}

function parse(chunk: Chunk, format: BodyFormat, file: string): ParsedBody {
  return parseBody(chunk.body, { format, nowMs: Date.now(), source: file })
}

function metersOf({ rows }: ParsedBody): Map<string, number> {
  return new Map(rows.map(({ reading }) => [reading.meter, reading.durationS]))
}

type Enrolment = {
  /** The length of their intervals, s. */
  readonly meters: ReadonlyMap<string, number>
  readonly known: Set<string>
  readonly options: Pick<IngestOptions, 'zone' | 'group' | 'account'>
}

/** Enrols the meters that are not known yet. */
export async function enrol(client: ApiClient, work: Enrolment): Promise<void> {
  const { meters: found, known, options } = work
  const fresh = new Map([...found].filter(([meter]) => !known.has(meter)))
  for (const meter of fresh.keys()) known.add(meter)
  if (fresh.size === 0) return
  const { groups } = await client.get<{ groups: { meters?: string[] }[] }>('/groups')
  const enrolled = new Set(groups.flatMap((each) => each.meters ?? []))
  const meters = [...fresh]
    .filter(([meter]) => !enrolled.has(meter))
    .map(([meter, intervalS]) => {
      const { zone, group = 'default', account = null } = options
      return { meter, intervalS, zone, group, account }
    })
  if (meters.length > 0) await client.post('/meters', meters)
}

/** What the API would answer, as far as that can be known without asking it. */
function answerTo({ rows, rejections, gaps }: ParsedBody): SentAnswer {
  const rejectedByReason = countReasons(rejections)
  const rejectedCount = rejections.length
  const sums = { read: rows.length + rejectedCount, queued: rows.length, gaps, rejectedCount }
  return { ...sums, rejectedByReason, rejected: rejections }
}

type Lag = { group: string; topic: string; partition: number; committed: number }
type StatusAnswer = { readings: IngestCounters; lag: Lag[] }

/** Both layers have read what was sent, so the counters include it. */
export async function waitForCounters(client: ApiClient, ends: Ends): Promise<IngestCounters> {
  for (let waited = 0; ; waited++) {
    const { readings, lag } = await client.get<StatusAnswer>('/status')
    const isRead = lag.every(({ topic, partition, committed }) => {
      const end = topic.endsWith('.rejected') ? ends.rejected : ends.partitions.get(`${partition}`)
      return committed > (end ?? -1)
    })
    if (isRead) return readings
    if (waited === 20) say('Waiting until the layers have read it all (skip with --no-wait) …')
    await sleep(250)
  }
}

function definedQuery(query: Record<string, string | undefined>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
