import { sha256Hex } from '../../schemas/hash.ts'
import { quality as qualities } from '../../schemas/reading/reading.ts'
import { countReasons } from '../../speed/ingest/countReasons.ts'
import type { ProfiledReading, ProfileOutcome } from '../../speed/ingest/profile/reading.ts'
import { readWithProfile } from '../../speed/ingest/profile/readWithProfile.ts'
import type { ApiClient } from '../client/client.ts'
import { documentOf, textOf } from './describeOutcome.ts'
import {
  type Answer,
  checkFlags,
  type Ends,
  enrol,
  type IngestOptions,
  waitForCounters,
} from './ingestFiles.ts'
import { addSent, describeReport, hasNothingIn, openReport } from './ingestReport.ts'
import { readLocalFile } from './localFiles.ts'
import { answer } from './output.ts'
import type { ProfileFlags } from './profileFlags.ts'
import { profileOf } from './readProfileFlags.ts'
import { clientOf } from './settings.ts'

export type IngestProfiledOptions = IngestOptions & {
  readonly strict?: boolean
  /** As they were typed. */
  readonly flags: ProfileFlags
}

/** Readings of a request. */
const sentMax = 20_000

/** Files read by a profile: shown by `--dry-run`, else sent as readings and reported. */
export async function ingestProfiled(
  files: readonly string[],
  options: IngestProfiledOptions,
): Promise<void> {
  checkFlags(options)
  const profile = profileOf(options.flags)
  const outcomes = files.map((file) => ({
    file,
    outcome: readWithProfile(readLocalFile(file), profile),
  }))
  const isAnyRefused = outcomes.some(({ outcome }) => outcome.refusals.length > 0)
  if (options.strict && isAnyRefused) process.exitCode = 1
  if (options.dryRun) {
    const documents = outcomes.map(({ file, outcome }) => documentOf(file, outcome))
    answer(options, { files: documents }, () => documents.map(textOf).join('\n\n'))
    if (outcomes.every(({ outcome }) => outcome.readings.length === 0)) process.exitCode = 1
    return
  }
  const client = clientOf(options)
  const report = openReport(files.length)
  const ends: Ends = { partitions: new Map(), rejected: -1 }
  const known = new Set<string>()
  // Refusals have the file's line already.
  const lineOf = (index: number) => index
  for (const { file, outcome } of outcomes) {
    addSent(report, { file, lineOf }, refusedBefore(outcome))
    const readings = countingReadings(outcome.readings)
    if (options.register) {
      const meters = new Map(readings.map(({ meter, durationS }) => [meter, durationS]))
      await enrol(client, { meters, known, options })
    }
    for (let at = 0; at < readings.length; at += sentMax) {
      const part = readings.slice(at, at + sentMax)
      const sent = await send(client, part, ends)
      const rejected = sent.rejected.map((each) => ({
        ...each,
        index: part[each.index]?.line ?? 0,
      }))
      addSent(report, { file, lineOf }, { ...sent, rejected })
    }
  }
  if (options.wait) report.counters = await waitForCounters(client, ends)
  answer(options, report, () => describeReport(report, false))
  if (hasNothingIn(report)) process.exitCode = 1
}

function refusedBefore({ refusals, gaps }: ProfileOutcome) {
  const count = refusals.length
  return {
    ...{ read: count, queued: 0, gaps: gaps.length, rejectedCount: count },
    rejectedByReason: countReasons(refusals),
    rejected: refusals.map(({ line, reason, detail }) => ({ index: line, reason, detail })),
  }
}

/**
 * The last word of the file for each interval. A void word cannot be sent as a reading: where it is
 * the last one, the interval stays missing.
 */
function countingReadings(readings: readonly ProfiledReading[]): ProfiledReading[] {
  const last = new Map<string, ProfiledReading>()
  for (const reading of readings) {
    const key = `${reading.meter} ${reading.startMs}`
    const before = last.get(key)
    if ((reading.revision ?? 0) >= (before?.revision ?? 0)) last.set(key, reading)
  }
  return [...last.values()].filter(({ isVoid }) => !isVoid)
}

async function send(
  client: ApiClient,
  readings: readonly ProfiledReading[],
  ends: Ends,
): Promise<Answer> {
  const body = Buffer.from(`${readings.map(lineOf).join('\n')}\n`)
  const sent = await client.post<Answer>('/readings', body, {
    contentType: 'application/x-ndjson',
    idempotencyKey: `ingest-${sha256Hex(body).slice(0, 40)}`,
  })
  for (const [partition, offset] of Object.entries(sent.position)) {
    ends.partitions.set(partition, Math.max(ends.partitions.get(partition) ?? -1, offset))
  }
  const rejected = Math.max(ends.rejected, sent.rejectedPosition ?? -1)
  Object.assign(ends, { rejected })
  return sent
}

function lineOf(reading: ProfiledReading): string {
  const { meter, startMs, durationS, energyMwh, powerW, reactiveVar, revision } = reading
  const names = Object.entries(qualities)
  return JSON.stringify({
    ...{ meter, start: new Date(startMs).toISOString(), duration_s: durationS },
    energy_wh: whText(energyMwh),
    ...(powerW === null ? {} : { power_w: powerW }),
    ...(reactiveVar === null ? {} : { reactive_var: reactiveVar }),
    quality: names.find(([, code]) => code === reading.quality)?.[0],
    ...(revision === null ? {} : { revision }),
  })
}

/** Exact decimal text. */
function whText(mwh: bigint): string {
  const digits = String(mwh < 0n ? -mwh : mwh).padStart(4, '0')
  return `${mwh < 0n ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`
}
