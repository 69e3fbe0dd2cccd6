import { type EventProgress, type EventState, eventStates } from '../../schemas/event.ts'
import type { EpochMs } from '../../schemas/time.ts'

export type Reached = Partial<Omit<EventProgress, 'event' | 'version' | 'state' | 'reachedMs'>> & {
  readonly nowMs: EpochMs
}

/**
 * An event that has come to a state. A state it has left already is not entered again, and the
 * time at which a state was reached first stays.
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
