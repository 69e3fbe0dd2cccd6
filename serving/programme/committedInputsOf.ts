import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import type { DrEvent } from '../../schemas/event.ts'
import { deriveSecret } from '../../schemas/hash.ts'
import type { CommittedInputs } from '../store/committedInputs.ts'
import type { ServingShell } from '../store/servingShell.ts'

/** The only revision so far; a later version may settle late corrections as a second one. */
export const firstRevision = 1

/** The inputs committed before the start; without it nothing can be settled. */
export async function requireCommittedInputs(
  shell: ServingShell,
  event: DrEvent,
): Promise<CommittedInputs> {
  const committedInputs = await shell.store.committedInputs(event.id)
  if (committedInputs) return committedInputs
  throw new InvariantError(`The committed baselines of ${event.id} were not kept.`)
}

/**
 * One secret per event, so that its salts can be disclosed without those of another event. It is
 * derived whenever needed, never stored: only losing the master secret loses the salts.
 */
export function eventSecretOf({ master }: Pick<ServingShell, 'master'>, event: DrEvent) {
  return deriveSecret(master, `event:${event.id}`)
}
