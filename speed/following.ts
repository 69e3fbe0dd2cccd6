import type { Clock } from '../schemas/ports/clock.ts'
import type { Log, Membership } from '../schemas/ports/log.ts'
import type { Notices } from '../schemas/ports/notices.ts'
import type { Inserted, Views } from '../schemas/ports/views.ts'
import type { Bucket } from '../schemas/reading/countBuckets.ts'
import type { InsertRow } from '../schemas/sql/rowSets.ts'
import type { LayerGroup } from '../schemas/topics.ts'
import type { MeterRegistry } from './api/registry.ts'
import type { SpeedOptions, SpeedState } from './microbatch/speedState.ts'
import type { Share } from './shares.ts'

export const speedGroup: LayerGroup = 'speed'

/** The ports and settings of the speed layer. */
export type Shell = {
  readonly log: Log
  /** Shares the partitions with other processes; without it this one reads all, alone. */
  readonly membership?: Membership
  readonly views: Views
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly partitions: number
  readonly notices?: Notices
  readonly options: SpeedOptions
  /** Readings of a micro-batch at most; by default what is efficient. */
  readonly readingsMax?: number
  readonly registry: MeterRegistry
  readonly report: (sentence: string) => void
}

/** The state for one generation and one roster of meters, and the next offsets to read. */
export type Following = {
  readonly state: SpeedState
  /** The partitions that it was made for. */
  readonly share: Share
  /** `[partition]` of `readings.v1`. */
  readonly next: number[]
  /** Committed offsets of the group; a replay never moves them back. `[partition]` */
  readonly committed: number[]
  /** Counted and written, or in the outbox; may be ahead of `committed`. `[partition]` */
  readonly counted: Bucket[]
  readonly outbox: Outbox
  /** What the last watermark row said that this state sent. `[partition]` */
  readonly promised: string[]
  /** Readings of the last live micro-batch; 0: nothing waited. */
  latestReadings: number
  /** Rows of the replay that are not published yet; null when all are. */
  backlog: Iterator<PublishedRows> | null
  /** The newest generation of which all live rows and sums are published: that of watermarks. */
  shownGeneration: number
  /** What enrolments up to this version change is in the state. */
  shownRevision: number
  /** The enrolments of a new meter came with others that the state cannot take in. */
  isOutdated: boolean
  /** When its preparation began, by `Clock.elapsedMs`. */
  readonly sinceMs: number
}

/** What operators compute of a micro-batch: each has row sets of its own. */
export type PublishedRows = {
  readonly groups?: Inserted<'speed_group'>
  readonly exceptions?: Inserted<'speed_deviation'>
  readonly deviations?: Inserted<'speed_deviation'>
}

/**
 * What a micro-batch changes in the stores: sums and exceptions are stored first, so that they wait
 * for no more rows than cost little; exceptions that go ahead are among the deviations too.
 */
export type Publication = PublishedRows & {
  readonly counters?: readonly InsertRow<'ingest_counters'>[]
  readonly watermarks?: readonly InsertRow<'watermarks'>[]
  readonly enrolments?: readonly InsertRow<'shown_enrolments'>[]
  /** By partition, the offset below which everything has taken effect once the rows are stored. */
  readonly commits?: ReadonlyMap<number, number>
}

/**
 * Publications that the store has not taken yet, in order. One is being written while the next is
 * computed. A failed one stays and is written again from its start, which changes nothing: rows
 * carry their own versions.
 */
export type Outbox = {
  readonly waiting: Publication[]
  writing: Promise<{ readonly error: unknown } | null> | null
}
