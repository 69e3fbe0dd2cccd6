import type { IngestCounters } from '../../schemas/reading/reading.ts'
import { table } from './output.ts'

export type Sent = { read: number; queued: number; rejectedCount: number; gaps: number }

export type SentAnswer = Sent & {
  readonly rejectedByReason: Readonly<Record<string, number>>
  readonly rejected: readonly { index: number; reason: string; detail: string }[]
}

export type IngestReport = Sent & {
  readonly files: number
  /** The first ones. */
  readonly rejected: { file: string; line: number; reason: string; detail: string }[]
  readonly rejectedByReason: Record<string, number>
  counters: IngestCounters | null
}

const listedMax = 20

export function openReport(files: number): IngestReport {
  return {
    ...{ files, read: 0, queued: 0, rejectedCount: 0, gaps: 0 },
    ...{ rejected: [], rejectedByReason: {}, counters: null },
  }
}

/** Adds the answer to one request. @param at the file, and the line of each row of the answer. */
export function addSent(
  report: IngestReport,
  at: { readonly file: string; readonly lineOf: (index: number) => number },
  sent: SentAnswer,
): void {
  report.read += sent.read
  report.queued += sent.queued
  report.gaps += sent.gaps
  report.rejectedCount += sent.rejectedCount
  for (const [reason, count] of Object.entries(sent.rejectedByReason)) {
    report.rejectedByReason[reason] = (report.rejectedByReason[reason] ?? 0) + count
  }
  for (const { index, reason, detail } of sent.rejected) {
    if (report.rejected.length >= listedMax) return
    report.rejected.push({ file: at.file, line: at.lineOf(index), reason, detail })
  }
}

/** Nothing got in, and it is not that all values are gaps: exit code 1. */
export function hasNothingIn({ queued, rejectedCount, gaps }: Sent): boolean {
  return queued === 0 && (rejectedCount > 0 || gaps === 0)
}

export function describeReport(report: IngestReport, isDryRun: boolean): string {
  const { read, queued, rejectedCount, gaps, rejected } = report
  const verb = isDryRun ? 'would be sent' : 'queued'
  const lines = [
    `${counted(read, 'reading')} read, ${queued} ${verb}, ${rejectedCount} refused` +
      (gaps > 0 ? `, ${counted(gaps, 'gap')}` : ''),
  ]
  if (read === 0 && gaps === 0) {
    lines.push('There are no readings in it: of a table, only the header was found.')
  }
  if (rejected.length > 0) {
    const reasons = Object.entries(report.rejectedByReason).sort((one, two) => two[1] - one[1])
    lines.push(`Refused: ${reasons.map(([reason, count]) => `${count} ${reason}`).join(', ')}`)
    const rows = rejected.map((each) => [each.file, each.line, each.reason, each.detail])
    lines.push(table(['file', 'line', 'reason', 'detail'], rows))
    const more = rejectedCount - rejected.length
    if (more > 0) lines.push(`… and ${more} more${isDryRun ? '' : '; see `wattproof dlq list`'}`)
  }
  if (report.counters) {
    const { accepted, duplicate, late, corrected } = report.counters
    lines.push(
      `In all since the start: ${report.counters.read} read = ${accepted} accepted + ` +
        `${duplicate} duplicate + ${report.counters.rejected} rejected ` +
        `(${late} late, ${corrected} corrected)`,
    )
  }
  return lines.join('\n')
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
