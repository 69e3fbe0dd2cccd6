import type { Chain } from '../../schemas/ports/chain.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { EventStore } from './eventStore.ts'

/** The dependencies of an event's steps. */
export type ServingShell = {
  readonly store: EventStore
  readonly chain: Chain
  readonly clock: Clock
  /** Master secret: event secrets, and from them all salts, are derived from it. */
  readonly master: Uint8Array
  /** Number of partitions of the log; an event waits for the watermarks of its own. */
  readonly partitions: number
  /** The latest instant by which nothing was logged that the archive has not read. */
  archivedMs(): Promise<EpochMs>
  say(line: string): void
}
