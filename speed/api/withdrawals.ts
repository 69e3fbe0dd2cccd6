import { RetryableError } from '../../schemas/errors/wattproofError.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { readStoredActs } from '../../schemas/ports/readActs.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { Act } from '../../schemas/reading/acts.ts'
import { encodeActFrame } from '../../schemas/reading/frame.ts'
import { readingsTopic } from '../../schemas/topics.ts'

export type WithdrawalsOptions = {
  readonly log: Pick<Log, 'append'>
  readonly views: Pick<Views, 'query'>
  readonly partitions: number
}

/** Which ingests were taken back. */
export type Withdrawals = {
  /** Idempotent: once more it changes nothing, and completes one that was cut. */
  withdraw(ingest: string): Promise<Record<string, number>>
  /** By this process, or as the archive has it; one of elsewhere shows in some seconds. */
  has(ingest: string): Promise<boolean>
  /**
   * Completes withdrawals that are in some partitions only, as a kill between two leaves them.
   *
   * @returns what was completed.
   */
  finish(): Promise<readonly string[]>
}

const storedMsMax = 1_000

export function openWithdrawals({ log, views, partitions }: WithdrawalsOptions): Withdrawals {
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  const own = new Set<string>()
  let stored = new Map<string, Set<number>>()
  let readMs = Number.NEGATIVE_INFINITY
  const refresh = async () => {
    const found = new Map<string, Set<number>>()
    for (const { act, partition } of await readStoredActs(views)) {
      if (act.kind !== 'withdrawal') continue
      found.set(act.ingest, (found.get(act.ingest) ?? new Set()).add(partition))
    }
    stored = found
    readMs = performance.now()
  }
  return {
    async withdraw(ingest) {
      const position = await appendAct(log, { kind: 'withdrawal', ingest }, all)
      own.add(ingest)
      return position
    },
    async has(ingest) {
      if (!own.has(ingest) && performance.now() - readMs > storedMsMax) {
        // A store that is down refuses no reading: one that does not count does no harm.
        await refresh().catch((error) => {
          if (!(error instanceof RetryableError)) throw error
        })
      }
      return own.has(ingest) || stored.has(ingest)
    },
    async finish() {
      await refresh()
      const cut = [...stored].filter(([, reached]) => reached.size < partitions)
      for (const [ingest, reached] of cut) {
        const rest = all.filter((partition) => !reached.has(partition))
        await appendAct(log, { kind: 'withdrawal', ingest }, rest)
      }
      return cut.map(([ingest]) => ingest)
    },
  }
}

/**
 * An act is in every partition, so that it holds wherever its words are. A repeat changes nothing.
 *
 * @returns its offset by partition.
 */
export async function appendAct(
  log: Pick<Log, 'append'>,
  act: Act,
  partitions: readonly number[],
): Promise<Record<string, number>> {
  const record = { key: new Uint8Array(), value: encodeActFrame(act) }
  const positions = partitions.map(async (partition) => {
    return [partition, await log.append(readingsTopic, partition, [record])] as const
  })
  return Object.fromEntries(await Promise.all(positions))
}
