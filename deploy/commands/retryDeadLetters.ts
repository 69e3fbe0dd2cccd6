import { counted } from '../../schemas/errors/counted.ts'
import type { RejectReason } from '../../schemas/reading/reading.ts'
import type { ApiClient } from '../client/client.ts'
import { answer, type OutputOptions, startProgress } from './output.ts'
import { clientOf, type PlaceOptions } from './settings.ts'

export type RetryOptions = PlaceOptions &
  OutputOptions & { readonly reason?: string; readonly dryRun?: boolean }

type RetrySum = {
  tried: number
  queued: number
  readonly stillRejected: Partial<Record<RejectReason, number>>
  readonly isDryRun: boolean
}

type Page = RetrySum & { readonly next: number | null }
type Waiting = { readonly rejectedByReason: Readonly<Record<string, number>> }

/** Retries every pending dead letter and reports the outcome. */
export async function retryDeadLetters(options: RetryOptions): Promise<void> {
  const client = clientOf(options)
  const { rejectedByReason } = await client.get<Waiting>('/status')
  const counts = Object.entries(rejectedByReason)
    .filter(([reason]) => !options.reason || reason === options.reason)
    .map(([, count]) => count)
  const total = counts.reduce((sum, count) => sum + count, 0)
  const progress = startProgress('dlq retry', total, 'dead letters')
  try {
    const sum = await retryPages(client, options, (tried) => progress.update(tried))
    answer(options, sum, () => describe(sum))
  } finally {
    progress.stop()
  }
}

/** Page by page, oldest first: the API limits the number per request. */
async function retryPages(
  client: ApiClient,
  { reason, dryRun }: RetryOptions,
  onPage: (tried: number) => void,
): Promise<RetrySum> {
  const asked = { ...(reason ? { reason } : {}), dryRun: dryRun === true }
  const sum: RetrySum = { tried: 0, queued: 0, stillRejected: {}, isDryRun: asked.dryRun }
  for (let from: number | null = 0; from !== null; ) {
    const page: Page = await client.post<Page>('/rejected/retry', { ...asked, from })
    sum.tried += page.tried
    sum.queued += page.queued
    for (const [name, count] of Object.entries(page.stillRejected)) {
      const each = name as RejectReason
      sum.stillRejected[each] = (sum.stillRejected[each] ?? 0) + count
    }
    onPage(sum.tried)
    from = page.next
  }
  return sum
}

function describe({ tried, queued, stillRejected, isDryRun }: RetrySum): string {
  const verb = isDryRun ? 'would be accepted' : 'accepted'
  const still = Object.entries(stillRejected).map(([reason, count]) => `${count} ${reason}`)
  const rest = still.length === 0 ? 'none is still refused' : `still refused: ${still.join(', ')}`
  return `${counted(tried, 'dead letter')} tried, ${queued} ${verb}; ${rest}.`
}
