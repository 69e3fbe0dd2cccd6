import { setTimeout as sleep } from 'node:timers/promises'
import { EmptyFileError, PointlessFlagError } from '../../schemas/errors/commandLine.ts'
import { sha256Hex } from '../../schemas/hash.ts'
import type { IngestCounters } from '../../schemas/reading.ts'
import { type Chunk, chunkLines } from '../../speed/ingest/chunkLines.ts'
import { type BodyFormat, formatOf } from '../../speed/ingest/format.ts'
import { type ParsedBody, parseBody } from '../../speed/ingest/parseBody.ts'
import type { ApiClient } from '../client/client.ts'
import { readAddress, refuseWithout } from './flags.ts'
import { openLocalFile, sizeOfLocalFile } from './localFiles.ts'
import {
  answer,
  asWrongUse,
  type OutputOptions,
  type Progress,
  say,
  startProgress,
  table,
} from './output.ts'
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

type Sent = { read: number; queued: number; rejectedCount: number; gaps: number }
type Answer = Sent & {
  readonly position: Readonly<Record<string, number>>
  readonly rejectedPosition: number | null
  readonly rejected: readonly { index: number; reason: string; detail: string }[]
}
type Report = Sent & {
  readonly files: number
  readonly rejected: { file: string; line: number; reason: string; detail: string }[]
  counters: IngestCounters | null
}

const listedMax = 20

/** Streams files to the API, waits for the ingest counters, and reports the outcome. */
export async function ingestFiles(files: string[], options: IngestOptions): Promise<void> {
  checkFlags(options)
  const client = clientOf(options)
  const report: Report = {
    ...{ files: files.length, read: 0, queued: 0, rejectedCount: 0, gaps: 0 },
    ...{ rejected: [], counters: null },
  }
  const ends: Ends = { partitions: new Map(), rejected: -1 }
  const total = files.reduce((sum, file) => sum + sizeOfLocalFile(file), 0)
  const progress = startProgress('ingest', total, 'bytes')
  let before = 0
  try {
    for (const file of files) {
      await ingestFile({ file, options, client, report, ends, progress, before })
      before += sizeOfLocalFile(file)
    }
  } finally {
    progress.stop()
  }
  if (options.wait && !options.dryRun) report.counters = await waitForCounters(client, ends)
  answer(options, report, () => describe(report, options))
}

/** @throws AddressOptionError, PointlessFlagError before anything is read or sent. */
function checkFlags(options: IngestOptions): void {
  if (options.account !== undefined) readAddress('--account', options.account)
  refuseWithout(options, { account: 'register', group: 'register' })
  const ofWide = (['unit', 'step'] as const).find((flag) => options[flag] !== undefined)
  if (options.layout !== 'tidy' || ofWide === undefined) return
  throw new PointlessFlagError({ flag: `--${ofWide}`, with: '--layout tidy' })
}

type Ends = { readonly partitions: Map<string, number>; rejected: number }

async function ingestFile(work: {
  file: string
  options: IngestOptions
  client: ApiClient
  report: Report
  ends: Ends
  progress: Progress
  before: number
}): Promise<void> {
  const { file, options, client, report, ends, progress, before } = work
  const isLines = /\.(ndjson|jsonl)(\.gz)?$/.test(file)
  const layout = isLines ? 'tidy' : (options.layout ?? (await detectLayout(file)))
  const mediaType = isLines ? 'application/x-ndjson' : 'text/csv'
  const query = { layout, zone: options.zone, unit: options.unit, step: options.step }
  const format = readFormat(mediaType, query)
  const readingsPerLine = layout === 'wide' ? 'wide' : 1
  const known = new Set<string>()
  const source = openLocalFile(file)
  const lines = { hasHeader: !isLines, readingsPerLine } as const
  for await (const chunk of chunkLines(source.pieces, lines)) {
    progress.update(before + source.bytesRead())
    const parsed = options.register || options.dryRun ? parse(chunk, format, file) : null
    if (options.dryRun && parsed) addDryRun(report, { file, chunk, parsed })
    if (options.dryRun) continue
    if (parsed) await enrol(client, { parsed, known, options })
    const asked = definedQuery(query).toString()
    const sent = await client.post<Answer>(`/readings?${asked}`, chunk.body, {
      contentType: mediaType,
      idempotencyKey: keyOf(chunk, `${mediaType}?${asked}`),
    })
    addSent(report, { file, chunk, sent })
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
  return asWrongUse(() => formatOf(mediaType, query))
}

function parse(chunk: Chunk, format: BodyFormat, file: string): ParsedBody {
  return parseBody(chunk.body, { format, nowMs: Date.now(), source: file })
}

/** A header that names meter and start is tidy; any other file is wide, one series per column. */
async function detectLayout(file: string): Promise<'tidy' | 'wide'> {
  for await (const piece of openLocalFile(file).pieces) {
    const [header = ''] = Buffer.from(piece).toString('utf8').split('\n')
    const names = header.split(',').map((name) => name.trim())
    return names.includes('meter') && names.includes('start') ? 'tidy' : 'wide'
  }
  throw new EmptyFileError({ file })
}

async function enrol(
  client: ApiClient,
  work: { parsed: ParsedBody; known: Set<string>; options: IngestOptions },
): Promise<void> {
  const { parsed, known, options } = work
  const fresh = new Map<string, number>()
  for (const { reading } of parsed.rows) {
    if (!known.has(reading.meter)) fresh.set(reading.meter, reading.durationS)
    known.add(reading.meter)
  }
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

function addSent(report: Report, work: { file: string; chunk: Chunk; sent: Answer }): void {
  const { file, chunk, sent } = work
  report.read += sent.read
  report.queued += sent.queued
  report.gaps += sent.gaps
  report.rejectedCount += sent.rejectedCount
  for (const { index, reason, detail } of sent.rejected) {
    if (report.rejected.length >= listedMax) return
    report.rejected.push({ file, line: chunk.firstLine + index, reason, detail })
  }
}

function addDryRun(report: Report, work: { file: string; chunk: Chunk; parsed: ParsedBody }): void {
  const { rows, rejections, gaps } = work.parsed
  const rejected = rejections.map(({ index, reason, detail }) => ({ index, reason, detail }))
  const sent = {
    ...{ read: rows.length + rejections.length, queued: rows.length, gaps },
    ...{ rejectedCount: rejections.length, rejected, position: {}, rejectedPosition: null },
  }
  addSent(report, { file: work.file, chunk: work.chunk, sent })
}

type Lag = { group: string; topic: string; partition: number; committed: number }
type StatusAnswer = { readings: IngestCounters; lag: Lag[] }

/** Both layers have read what was sent, so the counters include it. */
async function waitForCounters(client: ApiClient, ends: Ends): Promise<IngestCounters> {
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

function describe(report: Report, options: IngestOptions): string {
  const verb = options.dryRun ? 'would be sent' : 'queued'
  const lines = [
    `${report.read} readings read, ${report.queued} ${verb}, ${report.rejectedCount} refused` +
      (report.gaps > 0 ? `, ${report.gaps} gaps` : ''),
  ]
  if (report.rejected.length > 0) {
    const rows = report.rejected.map((each) => [each.file, each.line, each.reason, each.detail])
    lines.push(table(['file', 'line', 'reason', 'detail'], rows))
  }
  if (report.counters) {
    const { read, accepted, duplicate, rejected, late, corrected } = report.counters
    lines.push(
      `Ingest counters: ${read} read = ${accepted} accepted + ${duplicate} duplicate + ` +
        `${rejected} rejected (${late} late, ${corrected} corrected)`,
    )
  }
  return lines.join('\n')
}

function definedQuery(query: Record<string, string | undefined>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
