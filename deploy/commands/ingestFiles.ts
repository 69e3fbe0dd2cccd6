import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { PointlessFlagError, SourceNameError } from '../../schemas/errors/commandLine.ts'
import { InvalidArgumentError, sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { isMeterId } from '../../schemas/ids.ts'
import type { IngestCounters } from '../../schemas/reading/reading.ts'
import type { FileRead } from '../../speed/ingest/body/readFile.ts'
import { isRefusal } from '../../speed/ingest/judgeDraft.ts'
import { addCounts, addGaps } from '../../speed/ingest/profile/countGaps.ts'
import type { Profile } from '../../speed/ingest/profile/profileShape.ts'
import type { ApiClient } from '../client/client.ts'
import { hasReadings, refuseRestatement } from './compareFiles.ts'
import { openSummary } from './describeOutcome.ts'
import {
  enrolledZonesOf,
  openZonesOfMeters,
  type ZonesOfMeters,
  zonesIfUp,
} from './enrolledZones.ts'
import { enrolMeters } from './enrolMeters.ts'
import { readParts } from './fileParts.ts'
import { readAddress, refuseWithout } from './flags.ts'
import {
  addReasons,
  describeReport,
  hasNothingIn,
  type IngestReport,
  openReport,
  reportDocument,
} from './ingestReport.ts'
import { type OpenFile, openLocalFile, sizeOfLocalFile } from './localFiles.ts'
import { namingFile } from './namingFile.ts'
import { answer, type OutputOptions, type Progress, say, startProgress } from './output.ts'
import type { ProfileFlags } from './profileFlags.ts'
import { profileFor } from './profileFor.ts'
import { profileOf } from './readProfileFlags.ts'
import { findUnreadable, type Unreadable } from './readWhole.ts'
import { openRefusalList, type RefusalList } from './refusalList.ts'
import { type Ends, type FileSender, openSender, refusedOf } from './sendFile.ts'
import { clientOf, type PlaceOptions } from './settings.ts'
import { type Input, spoolInput } from './spoolInput.ts'

export type IngestOptions = PlaceOptions &
  OutputOptions &
  ProfileFlags & {
    readonly source?: string
    readonly register?: boolean
    readonly group?: string
    readonly account?: string
    readonly strict?: boolean
    readonly restate?: boolean
    readonly wait: boolean
    readonly dryRun?: boolean
  }

type Work = {
  readonly profile: Profile
  readonly options: IngestOptions
  readonly report: IngestReport
  readonly refusals: RefusalList
  readonly progress: Progress
  /** Null of a dry run, which asks noSource, so that it needs no installation. */
  readonly sender: FileSender | null
  readonly client: ApiClient | null
  /** Meters that were looked at already. */
  readonly known: Set<string>
  /** Null of a dry run. */
  readonly zones: ZonesOfMeters | null
  readonly unreadable: Unreadable
}

/**
 * Reads files part by part, sends what they say, waits for the ingest counters, and reports: what
 * was understood of each file, and every cell that was refused.
 */
export async function ingestFiles(files: string[], options: IngestOptions): Promise<void> {
  checkFlags(options)
  const profile = profileOf(options)
  const sized = files.map((name) => ({ name, size: sizeOfLocalFile(name) }))
  const total = totalOf(sized)
  const client = options.dryRun ? null : clientOf(options)
  const zones = client && openZonesOfMeters(client)
  // Made once, so that one command takes back all that it brought.
  const ingest = client && randomUUID()
  const ends: Ends = { partitions: new Map(), rejected: -1 }
  const { source = '' } = options
  const sender = client && ingest ? openSender(client, { ingest, source, ends }) : null
  const report = openReport(ingest)
  const refusals = openRefusalList()
  const isCompared =
    client !== null && zones !== null && !options.restate && (await hasReadings(client))
  const inputs = await openInputs(sized, client !== null)
  try {
    const unreadable = isCompared
      ? await refuseRestatement(inputs, { client, source, profile, zones })
      : await (zones ? findUnreadable(inputs, { profile, zones }) : noneUnreadable)
    const progress = startProgress('ingest', total, 'bytes')
    const known = new Set<string>()
    const work = {
      ...{ profile, options, report, refusals, progress, sender, client, known, zones },
      unreadable,
    }
    await ingestAll(inputs, work).finally(() => progress.stop())
  } catch (error) {
    sayWhatIsQueued(report)
    throw error
  } finally {
    for (const { remove } of inputs) remove()
  }
  if (options.wait && client) report.counters = await waitForCounters(client, ends)
  const document = reportDocument(report, refusals)
  answer(options, document, () => describeReport(report, refusals))
  const isAnyRefused = report.rejectedCount > 0
  if (hasNothingIn(report) || (options.strict && isAnyRefused)) process.exitCode = 1
}

const noneUnreadable: Unreadable = new Map()

/** A failure between two requests leaves what the first ones brought. */
function sayWhatIsQueued({ queued, ingest }: IngestReport): void {
  if (queued === 0 || ingest === null) return
  say(`wattproof: ${queued} readings were queued before that, as the ingest ${ingest}.`)
  say(`Send the file again, or take them back: wattproof ingest revert ${ingest}`)
}

type Sized = { readonly name: string; readonly size: number | null }

function totalOf(files: readonly Sized[]): number | null {
  const add = (sum: number | null, { size }: Sized) => {
    return sum === null || size === null ? null : sum + size
  }
  return files.reduce(add, 0)
}

async function ingestAll(inputs: readonly Input[], work: Work): Promise<void> {
  let before = 0
  for (const { name, path } of inputs) {
    const file = { ...openLocalFile(path), name }
    try {
      const fault = work.unreadable.get(path)
      if (fault) throw fault
      await ingestFile(file, before, work)
    } catch (error) {
      // One file costs no other.
      const named = namingFile(error, name)
      if (inputs.length === 1 || !(named instanceof InvalidArgumentError)) throw named
      say(`wattproof: ${sentenceOf(named)}`)
      process.exitCode = 1
    } finally {
      file.close()
    }
    before += file.bytesRead()
  }
}

/** Files are read before they are sent, so what can be read only once is kept meanwhile. */
async function openInputs(files: readonly Sized[], isSent: boolean): Promise<Input[]> {
  const inputs: Input[] = []
  for (const { name, size } of files) {
    const isKept = isSent && size === null
    inputs.push(isKept ? await spoolInput(name) : { name, path: name, remove: () => {} })
  }
  return inputs
}

/** @throws AddressOptionError, PointlessFlagError before anything is read or sent. */
function checkFlags(options: IngestOptions): void {
  if (options.account !== undefined) readAddress('--account', options.account)
  refuseWithout(options, { account: 'register', group: 'register' })
  const { source } = options
  if (source !== undefined && !isMeterId(source)) throw new SourceNameError({ source })
  const ofWide = (['unit', 'step'] as const).find((flag) => options[flag] !== undefined)
  if (options.layout !== 'tidy' || ofWide === undefined || options.profile !== undefined) return
  if (options.meter !== undefined || options.columns !== undefined) return
  throw new PointlessFlagError({ flag: `--${ofWide}`, with: '--layout tidy' })
}

async function ingestFile(file: OpenFile, before: number, work: Work): Promise<void> {
  const { report, progress, zones, options } = work
  const profile = profileFor(file.name, work.profile)
  const summary = openSummary(file.name)
  const asked = () =>
    zones ? enrolledZonesOf(zones) : zonesIfUp(() => clientOf(options, { retriesMax: 0 }))
  try {
    for await (const part of readParts(file, { profile, nowMs: Date.now(), zones: asked })) {
      progress.update(before + file.bytesRead())
      summary.add(part)
      await takePart(part, file.name, work)
    }
  } finally {
    // A file that was refused has nothing to show.
    if (summary.isBegun()) report.files.push(summary.document())
  }
}

async function takePart(part: FileRead, file: string, work: Work): Promise<void> {
  const { report, refusals, sender, client, options, known, zones } = work
  if (sender === null || client === null || zones === null) {
    report.read += part.rows.length
    addGaps(report.gapsByKind, part.gaps)
    report.gaps += part.gaps.length
    for (const { row, outcome } of part.rows) {
      if (!isRefusal(outcome)) {
        report.queued++
        continue
      }
      addReasons(report, { [outcome.reason]: 1 })
      refusals.add({ file, ...refusedOf(row, outcome) })
    }
    return
  }
  if (options.register) await enrolMeters(client, { part, zones, known, options })
  const said = part.said ?? part
  const sent = await sender.send(file, said)
  report.read += sent.read
  report.queued += sent.queued
  addGaps(report.gapsByKind, said.gaps)
  addCounts(report.gapsByKind, sent.gapsByKind)
  report.gaps = Object.values(report.gapsByKind).reduce((sum, count) => sum + count, 0)
  addReasons(report, sent.rejectedByReason)
  for (const refused of sent.rejected) refusals.add({ file, ...refused })
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
