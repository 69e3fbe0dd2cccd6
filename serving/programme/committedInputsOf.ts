import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import type { DrEvent } from '../../schemas/event.ts'
import { deriveSecret } from '../../schemas/hash.ts'
import { isoUtc } from '../../schemas/time.ts'
import { buildBaselineCommitment } from '../settlement/buildBaselineCommitment.ts'
import { computeEventBaselines } from '../settlement/eventBaselines.ts'
import type { CommittedInputs } from '../store/committedInputs.ts'
import type { ServingShell } from '../store/servingShell.ts'
import { commitDueMs, isArchived } from './nextStep.ts'
import { readBefore } from './readEvent.ts'

/** The only revision so far; a later version may settle late corrections as a second one. */
export const firstRevision = 1

/**
 * Baselines as of what is archived by now; they and their places are stored. That is all that was
 * logged before they fell due, unless the start would have been missed (`nextStep`).
 */
export async function computeCommittedInputs(
  shell: Pick<ServingShell, 'store' | 'master' | 'archivedMs' | 'say'>,
  event: DrEvent,
): Promise<CommittedInputs> {
  const dueMs = commitDueMs(event)
  if (!isArchived(await shell.archivedMs(), dueMs)) {
    shell.say(
      `${event.id}: its baselines are committed without some readings from before ` +
        `${isoUtc(dueMs)}, which the archive has not read yet.`,
    )
  }
  const asOf = await shell.store.places()
  const readings = await readBefore(shell, event, asOf)
  const { baselines, without } = computeEventBaselines(event, readings)
  if (without.length > 0) {
    shell.say(`${event.id}: no baseline for ${without.join(', ')}; settled at nothing.`)
  }
  const eventSecret = eventSecretOf(shell, event)
  const { root } = buildBaselineCommitment({ event, eventSecret, baselines })
  const committedInputs = { version: 1, baselines, baselinesRoot: root, asOf, speedFigures: null }
  await shell.store.putCommittedInputs(event.id, committedInputs)
  return committedInputs
}

/** The inputs committed before the start; without it nothing can be settled. */
export async function requireCommittedInputs(
  shell: Pick<ServingShell, 'store'>,
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
