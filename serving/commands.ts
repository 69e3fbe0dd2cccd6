import type { EventProgress, Terms } from '../schemas/event.ts'
import type { Address, EventId, Hex32, MeterId } from '../schemas/ids.ts'
import type { EpochMs } from '../schemas/time.ts'

/** What an operator says of a new event; the rest follows from the meters and the clock. */
export type EventDraft = {
  readonly id: EventId
  readonly terms: Terms
  readonly startMs: EpochMs
  readonly endMs: EpochMs
  /** Meters that take part; each must be enrolled with an account. */
  readonly participants: readonly MeterId[]
  readonly controls: readonly MeterId[]
  readonly excludedDates: readonly string[]
  readonly holidays: readonly string[]
}

export type ClaimReport = {
  readonly eventId: EventId
  readonly claims: readonly { account: Address; amountMicros: bigint; staked: boolean }[]
  /** Lines that the vault would not pay, and why; the others are paid all the same. */
  readonly refused: readonly { index: number; account: Address; reason: string }[]
  readonly sumMicros: bigint
  readonly gasUsed: number
}

/** What a validator found when it recomputed a period: a signature, or why it refuses. */
export type ValidatorVerdict = {
  readonly period: number
  readonly validator: Address
  /** EIP-712 signature of the header; null for a refusal. */
  readonly signature: Hex32 | null
  /** A sentence that says which part does not hold; null with a signature. */
  readonly refusal: string | null
}

/** Everything the doors may ask the serving layer to change. Each is idempotent. */
export interface ServingCommands {
  /** @throws InvalidArgumentError for an unknown meter, a start in the past, a changed redraft. */
  createEvent(draft: EventDraft): Promise<EventProgress>
  /**
   * Pays every payee of a final event that has not been paid; a dry run only says whom and how
   * much. @throws before it is final.
   */
  claim(eventId: EventId, options?: { readonly isDryRun: boolean }): Promise<ClaimReport>
  /** Keeps a validator's verdict once its signature was checked. */
  addVerdict(verdict: ValidatorVerdict): Promise<void>
  /** Wakes the settlement loop instead of waiting for its next turn. */
  nudge(): void
}
