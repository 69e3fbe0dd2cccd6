import type { Chain } from '../../../schemas/ports/chain.ts'
import type { Clock } from '../../../schemas/ports/clock.ts'
import type { Jobs } from '../../../schemas/ports/jobs.ts'
import type { Log } from '../../../schemas/ports/log.ts'
import type { Models } from '../../../schemas/ports/models.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import type { DeadLetter } from '../../../schemas/reading/deadLetter.ts'
import type { RejectReason } from '../../../schemas/reading/reading.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import type { ServingCommands } from '../../programme/commands.ts'
import type { Status } from '../../shapes/status.ts'
import type { EventReader } from '../../store/readEvents.ts'
import type { ApiLimits } from '../http/limits.ts'
import type { ChainReader } from './readChain.ts'

/** A dead letter and its offset in `readings.v1.rejected`. */
export type StoredDeadLetter = DeadLetter & { readonly offset: number }

export type RetryDeadLettersReturnType = {
  /** Dead letters that are valid now, and in the log unless it was a dry run. */
  readonly queued: number
  /** The reason of each that is still invalid. */
  readonly stillRejected: readonly RejectReason[]
}

/** The ports of the API, and the functions it gets from other layers. */
export type ApiPorts = {
  readonly views: Views
  readonly log: Log
  readonly chain: Chain
  readonly jobs: Jobs
  readonly models: Models
  readonly clock: Clock
  readonly commands: ServingCommands
  /** A partition of the log without a record for this long is idle, s. */
  readonly idleS: number
  /** Whether the batch layer adds the jobs that are due by itself. */
  readonly isDaily: boolean
  /** Processes of this installation that were started again; cheap. Default: none. */
  listReplaced?(): Status['replaced']
  /** Stored events that the settlement loop cannot decode; cheap. Default: none. */
  listUnreadable?(): readonly string[]
  /** Checks dead letters again as the readings route would. Safe to repeat. */
  retryDeadLetters(
    deadLetters: readonly StoredDeadLetter[],
    options: { readonly isDryRun: boolean },
  ): Promise<RetryDeadLettersReturnType>
  /**
   * Adds a job of the batch layer for a high-water mark; the same again is one job. The id is null
   * when there is nothing to do.
   */
  startJob(request: {
    readonly name: 'train' | 'recompute'
    readonly highWaterMs: EpochMs
    readonly takesBack?: boolean | undefined
  }): Promise<{ readonly id: string | null; readonly sentence: string }>
}

/** What routes are built from. */
export type ApiContext = ApiPorts & {
  readonly version: string
  readonly limits: ApiLimits
  readonly readStatus: () => Promise<Status>
  readonly events: EventReader
  readonly chainReader: ChainReader
}
