import type { Chain } from '../../schemas/ports/chain.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { EventStore } from './eventStore.ts'

/** What the steps of an event work with. */
export type ServingShell = {
  readonly store: EventStore
  readonly chain: Chain
  readonly clock: Clock
  /** Event secrets, and with them all salts, are drawn from it. */
  readonly master: Uint8Array
  /** Partitions of the log: whose watermarks an event waits for. */
  readonly partitions: number
  say(line: string): void
}
