import { counted } from '../../schemas/errors/counted.ts'
import type { IngestCounters } from '../../schemas/reading/reading.ts'
import type { GapKind } from '../../speed/ingest/profile/reading.ts'
import { describeGaps, type FileDocument, textOf } from './describeOutcome.ts'
import { table } from './output.ts'
import { type RefusalList, refusalsShownMax } from './refusalList.ts'

export type Sent = { read: number; queued: number; rejectedCount: number; gaps: number }

export type IngestReport = Sent & {
  /** What was understood of each. */
  readonly files: FileDocument[]
  /** The id for `ingest revert`, which takes all of it back; null for a dry run. */
  readonly ingest: string | null
  readonly rejectedByReason: Record<string, number>
  readonly gapsByKind: Partial<Record<GapKind, number>>
  counters: IngestCounters | null
}

export function openReport(ingest: string | null): IngestReport {
  return {
    ...{ files: [], ingest, read: 0, queued: 0, rejectedCount: 0, gaps: 0 },
    ...{ rejectedByReason: {}, gapsByKind: {}, counters: null },
  }
}

export function addReasons(report: IngestReport, byReason: Readonly<Record<string, number>>): void {
  for (const [reason, count] of Object.entries(byReason)) {
    report.rejectedByReason[reason] = (report.rejectedByReason[reason] ?? 0) + count
    report.rejectedCount += count
  }
}

/** No reading was accepted, and not because every value is a gap: exit code 1. */
export function hasNothingIn({ queued, rejectedCount, gaps }: Sent): boolean {
  return queued === 0 && (rejectedCount > 0 || gaps === 0)
}

/** The report as a document: refusals are listed up to a limit, and the file has all of them. */
export function reportDocument(report: IngestReport, refusals: RefusalList) {
  return { ...report, rejected: refusals.first, rejectedFile: refusals.written() }
}

export function describeReport(report: IngestReport, refusals: RefusalList): string {
  const { read, queued, rejectedCount, gaps, ingest } = report
  const isDryRun = ingest === null
  const verb = isDryRun ? 'would be sent' : 'queued'
  return [
    ...report.files.map((file) => `${textOf(file)}\n`),
    `${counted(read, 'reading')} read, ${queued} ${verb}, ${rejectedCount} refused` +
      (gaps > 0 ? `, ${counted(gaps, 'gap')}${describeGaps(report.gapsByKind)}` : ''),
    ...(isDryRun ? [] : [`The ingest is ${ingest}.`]),
    ...refusalLines(report, refusals),
    ...countersLine(report),
  ].join('\n')
}

function refusalLines(report: IngestReport, refusals: RefusalList): string[] {
  const { rejectedCount, rejectedByReason, ingest } = report
  const shown = refusals.first.slice(0, refusalsShownMax)
  if (shown.length === 0) return []
  const reasons = Object.entries(rejectedByReason).sort((one, two) => two[1] - one[1])
  const rows = shown.map((each) => {
    return [each.file, each.line, each.column, each.value.slice(0, 40), each.reason, each.detail]
  })
  const more = rejectedCount - shown.length
  const file = refusals.written()
  const places = [
    ...(file === null ? [] : [`the list is in ${file}`]),
    ...(ingest === null ? [] : ['see `wattproof dlq list`']),
  ]
  return [
    `Refused: ${reasons.map(([reason, count]) => `${count} ${reason}`).join(', ')}`,
    table(['file', 'line', 'column', 'value', 'reason', 'detail'], rows),
    ...(more > 0 ? [`… and ${more} more; ${places.join('; ')}`] : []),
  ]
}

function countersLine({ counters }: IngestReport): string[] {
  if (!counters) return []
  const { read, accepted, duplicate, rejected, late, corrected } = counters
  return [
    `In all since the start: ${read} read = ${accepted} accepted + ${duplicate} duplicate + ` +
      `${rejected} rejected (${late} late, ${corrected} corrected)`,
  ]
}
