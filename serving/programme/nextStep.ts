import type { EventProblem } from '../../schemas/errors/eventProblem.ts'
import type { DrEvent, EventProgress, EventState } from '../../schemas/event.ts'
import type { EventId, Hex32 } from '../../schemas/ids.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import type { AnchorState } from '../anchor/readAnchor.ts'

/** What the next step depends on; facts that a state does not need keep their neutral value. */
export type Facts = {
  readonly nowMs: EpochMs
  /** Committed root of the event's baselines. */
  readonly commitment: Hex32 | null
  /** The speed layer has processed all readings before this, in every partition of the event. */
  readonly speedWatermarkMs: EpochMs | null
  /** By then nothing was logged that the archive has not read. */
  readonly archivedMs: EpochMs
  /** Another event whose settlement may still become final: entitlements are cumulative. */
  readonly settlesNow: EventId | null
  readonly anchorState: AnchorState
  /** Validators with two thirds of the stake have signed. */
  readonly isQuorumSigned: boolean
  readonly challengeEndsMs: EpochMs
  /** Signed after the quorum, within the challenge window, and not yet counted by the anchor. */
  readonly isLateSigned: boolean
  readonly isAllClaimed: boolean
}

export type Effect =
  | 'commit'
  | 'keep-speed'
  | 'settle'
  | 'propose'
  | 'attest'
  | 'finalize'
  | 'reject'

export type Step =
  | { readonly kind: 'reach'; readonly state: EventState }
  /** Each ensures an effect: one that has already happened is found, not repeated. */
  | { readonly kind: Effect }
  /** `problem`: what an operator should know; null when it only needs time. */
  | { readonly kind: 'wait'; readonly problem: EventProblem | null }

const wait: Step = { kind: 'wait', problem: null }

/**
 * How long before the start baselines are committed even if the archive is behind: an event whose
 * baselines miss its start cannot be settled at all.
 */
const lastCallMs = 60_000
/** An archive that lags for longer is reported as a problem, ms. */
const archiveMs = 60_000

/** When baselines are due; they are computed from everything logged before that. */
export function commitDueMs({ startMs, announcedMs, terms }: DrEvent): EpochMs {
  return Math.max(announcedMs, startMs - terms.commitLeadS * 1000)
}

/** When an event is due to be settled, from everything logged before that. */
export function settleDueMs({ endMs, terms }: DrEvent): EpochMs {
  return endMs + terms.latenessS * 1000
}

/** Whether the archive has everything that was logged before an instant. */
export function isArchived(archivedMs: EpochMs, beforeMs: EpochMs): boolean {
  return archivedMs >= beforeMs - 1
}

/** What is paid must not depend on how far the archive was when it fell due. */
function waitForArchive(beforeMs: EpochMs, nowMs: EpochMs): Step {
  if (nowMs < beforeMs + archiveMs) return wait
  return { kind: 'wait', problem: { kind: 'archive-behind', before: isoUtc(beforeMs) } }
}

export const neutralFacts: Omit<Facts, 'nowMs'> = {
  commitment: null,
  speedWatermarkMs: null,
  archivedMs: Number.POSITIVE_INFINITY,
  settlesNow: null,
  anchorState: 'none',
  isQuorumSigned: false,
  challengeEndsMs: 0,
  isLateSigned: false,
  isAllClaimed: false,
}

/**
 * The next step of an event. Facts come from the stores and the chain each time, never
 * from memory, so a restart or a reorganised block needs no special handling.
 */
export function nextStep(progress: EventProgress, facts: Facts): Step {
  return steps[progress.state](progress, facts)
}

const steps: Readonly<Record<EventState, (progress: EventProgress, facts: Facts) => Step>> = {
  announced({ event }, { nowMs, commitment, archivedMs }) {
    // A commitment that is on chain already was sent by a process killed before recording it.
    if (commitment !== null) return { kind: 'commit' }
    if (nowMs >= event.startMs) return { kind: 'wait', problem: { kind: 'not-committed' } }
    const dueMs = commitDueMs(event)
    if (nowMs < dueMs) return wait
    const isLastCall = nowMs >= event.startMs - Math.min(lastCallMs, (event.startMs - dueMs) / 2)
    return isArchived(archivedMs, dueMs) || isLastCall
      ? { kind: 'commit' }
      : waitForArchive(dueMs, nowMs)
  },

  committed({ event }, { nowMs, commitment }) {
    if (nowMs >= event.startMs) return { kind: 'reach', state: 'running' }
    // The block with the commitment was reorganised away.
    return commitment === null ? { kind: 'commit' } : wait
  },

  running({ event }, { nowMs, speedWatermarkMs }) {
    if (nowMs < event.endMs) return wait
    const isSeen = speedWatermarkMs !== null && speedWatermarkMs >= event.endMs
    const isOver = nowMs >= event.endMs + event.terms.latenessS * 1000
    return isSeen || isOver ? { kind: 'keep-speed' } : wait
  },

  ended({ event }, { nowMs, settlesNow, archivedMs }) {
    const dueMs = settleDueMs(event)
    if (nowMs < dueMs) return wait
    if (settlesNow !== null) {
      return { kind: 'wait', problem: { kind: 'settles-after', event: settlesNow } }
    }
    return isArchived(archivedMs, dueMs) ? { kind: 'settle' } : waitForArchive(dueMs, nowMs)
  },

  verified: () => ({ kind: 'propose' }),

  proposed(_, { anchorState, isQuorumSigned }) {
    if (anchorState === 'none') return { kind: 'propose' }
    if (anchorState === 'rejected') return { kind: 'reject' }
    return anchorState !== 'proposed' || isQuorumSigned ? { kind: 'attest' } : wait
  },

  attested(_, { anchorState, nowMs, challengeEndsMs, isLateSigned }) {
    if (anchorState !== 'attested') return ensureAttested[anchorState]
    if (nowMs >= challengeEndsMs) return { kind: 'finalize' }
    // A validator that was down at the quorum has its stake counted too.
    return isLateSigned ? { kind: 'attest' } : wait
  },

  final(_, { anchorState, isAllClaimed }) {
    if (anchorState === 'attested') return { kind: 'finalize' }
    if (anchorState !== 'final') return ensureAttested[anchorState]
    return isAllClaimed ? { kind: 'reach', state: 'paid' } : wait
  },

  paid: () => wait,
}

/** Blocks may be reorganised away: transactions that the chain has lost are sent again. */
const ensureAttested: Readonly<Record<Exclude<AnchorState, 'attested'>, Step>> = {
  none: { kind: 'propose' },
  proposed: { kind: 'attest' },
  rejected: { kind: 'reject' },
  final: { kind: 'finalize' },
}
