import { type EventProgress, type EventState, eventStates } from '../../schemas/event.ts'
import type { EpochMs } from '../../schemas/time.ts'

export type Reached = Partial<Omit<EventProgress, 'event' | 'version' | 'state' | 'reachedMs'>> & {
  readonly nowMs: EpochMs
}

/**
 * The progress of an event that has reached a state. It never goes back to an earlier state, and
 * the time at which it first reached a state does not change.
 */
export function reach(
  progress: EventProgress,
  state: EventState,
  { nowMs, ...known }: Reached,
): EventProgress {
  if (eventStates.indexOf(state) <= eventStates.indexOf(progress.state)) return progress
  const reachedMs = { ...progress.reachedMs, [state]: nowMs }
  return { ...progress, ...known, state, reachedMs, problem: null }
}
