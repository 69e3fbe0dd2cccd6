import { useState } from 'preact/hooks'
import type { Rejected, RetryReport, Status } from '../../shapes/status.ts'
import { postJson } from '../data/api.ts'
import { useInstallation } from '../data/installation.ts'
import { useResource } from '../data/useResource.ts'
import { Empty, Shown } from '../parts/States.tsx'
import { TokenForm } from '../parts/TokenForm.tsx'
import { clockTime, count } from '../view/format.ts'
import { decodeSample, reasonRows } from '../view/pipelinePage.ts'

/** Why readings were refused; each reason expands to samples and can be retried. */
export function DeadLetters({ status }: { status: Status }) {
  const { isTrusted } = useInstallation()
  const [open, setOpen] = useState<string | null>(null)
  const rows = reasonRows(status)
  const most = Math.max(1, ...rows.map(({ rejected }) => rejected))
  if (rows.length === 0) return <Empty>No rejected readings.</Empty>
  return (
    <ul class="list reasons">
      {rows.map(({ reason, rejected }) => (
        <li key={reason}>
          <button
            type="button"
            class="plain"
            aria-expanded={open === reason}
            onClick={() => setOpen(open === reason ? null : reason)}
          >
            <span class="turn" aria-hidden="true" />
            {reason}
          </button>
          <span class="measure" aria-hidden="true">
            <i style={{ width: `${(rejected / most) * 100}%` }} />
          </span>
          <b class="end">{count(rejected)}</b>
          {open === reason && (
            <div class="wide">
              {isTrusted ? (
                <Sample reason={reason} />
              ) : (
                <TokenForm why="A rejected reading is personal data: its sample needs the token." />
              )}
            </div>
          )}
        </li>
      ))}
    </ul>
  )
}

function Sample({ reason }: { reason: string }) {
  const { zone } = useInstallation()
  const deadLetters = useResource<Rejected>(`/rejected?reason=${reason}&limit=1`)
  return (
    <Shown resource={deadLetters} lines={2}>
      {({ rejected: [deadLetter] }) =>
        deadLetter ? (
          <>
            <p>{deadLetter.detail}</p>
            <pre>{decodeSample(deadLetter.originalBase64) || '(empty)'}</pre>
            <p class="small quiet">
              {placeOf(deadLetter)} of {deadLetter.source}, received{' '}
              {clockTime(deadLetter.received, zone, true)}.
            </p>
            <Retry reason={reason} />
          </>
        ) : (
          <p class="quiet">Not in the view yet.</p>
        )
      }
    </Shown>
  )
}

/** `Line 5, column A`; the row of a request that has no lines. */
function placeOf({ line, column, index }: Rejected['rejected'][number]): string {
  const row = line > 0 ? `Line ${count(line)}` : `Row ${count(index)}`
  return column === '' ? row : `${row}, column ${column}`
}

function Retry({ reason }: { reason: string }) {
  const [said, setSaid] = useState<string | null>(null)
  const run = async (dryRun: boolean) => {
    try {
      setSaid(tell(await retryAll(reason, dryRun)))
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <div class="row">
      <button type="button" onClick={() => run(true)}>
        Would they pass now?
      </button>
      <button type="button" onClick={() => run(false)}>
        Try them again
      </button>
      <p aria-live="polite">{said}</p>
    </div>
  )
}

/** The API handles a bounded number per request and returns where to continue. */
async function retryAll(reason: string, dryRun: boolean): Promise<RetryReport> {
  let sum = await postJson<RetryReport>('/rejected/retry', { reason, dryRun })
  while (sum.next !== null) {
    const body = { reason, dryRun, from: sum.next }
    const page = await postJson<RetryReport>('/rejected/retry', body)
    sum = { ...page, tried: sum.tried + page.tried, queued: sum.queued + page.queued }
  }
  return sum
}

function tell({ tried, queued, isDryRun }: RetryReport): string {
  const verb = isDryRun ? 'would pass' : 'passed and are in the log'
  return `${count(queued)} of ${count(tried)} ${verb}.`
}
