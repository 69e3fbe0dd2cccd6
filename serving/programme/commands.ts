import type { EventProgress, Terms } from '../../schemas/event.ts'
import type { EventId, MeterId } from '../../schemas/ids.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { ClaimReport } from '../claims/claimEvent.ts'
import type { ValidatorVerdict } from '../store/validatorVerdict.ts'
import type { Rerun } from './rerunSettlement.ts'

/** An operator's draft of an event; the rest follows from the meters and the clock. */
export type EventDraft = {
  readonly id: EventId
  readonly terms: Terms
  readonly startMs: EpochMs
  readonly endMs: EpochMs
  /** Meters or sites that take part, a site by its enrolled point, and the payee of each. */
  readonly participants: readonly MeterId[]
  readonly controls: readonly MeterId[]
  readonly excludedDates: readonly string[]
  readonly holidays: readonly string[]
}

/** Everything the API may change in the serving layer. Each is idempotent. */
export interface ServingCommands {
  /** @throws InvalidArgumentError for an unknown meter, a start in the past, a changed redraft. */
  createEvent(draft: EventDraft): Promise<EventProgress>
  /**
   * Pays every payee of a final event that has not been paid; a dry run only returns the payees
   * and amounts. @throws before it is final.
   */
  claim(eventId: EventId, options?: { readonly isDryRun: boolean }): Promise<ClaimReport>
  /**
   * Recomputes a settlement from the places of the log that it names, and stores nothing.
   * @throws before it is verified.
   */
  rerun(eventId: EventId): Promise<Rerun>
  /** Stores a validator's verdict once its signature is checked. */
  addVerdict(verdict: ValidatorVerdict): Promise<void>
  /** Wakes the settlement loop instead of waiting for its next turn. */
  nudge(): void
}
