import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import type { DrEvent, EventProgress, EventState } from '../../schemas/event.ts'
import { keccakOfText } from '../../schemas/hash.ts'
import {
  ensureAttested,
  ensureFinal,
  ensureProposed,
  markPaid,
  markRejected,
} from '../anchor/followSettlement.ts'
import { readCommitment } from '../anchor/readAnchor.ts'
import { buildSpeedCommitment } from '../settlement/buildSpeedCommitment.ts'
import { orderedMwhOf } from '../settlement/settleEvent.ts'
import { computeSpeedFigures, deliveredMwhOf } from '../settlement/speedFigures.ts'
import { metersOf } from '../settlement/sumTerms.ts'
import type { CommittedInputs } from '../store/committedInputs.ts'
import type { ServingShell } from '../store/servingShell.ts'
import {
  computeCommittedInputs,
  eventSecretOf,
  requireCommittedInputs,
} from './committedInputsOf.ts'
import type { Effect, Step } from './nextStep.ts'
import { reach } from './reach.ts'
import { settle } from './settleStep.ts'

/**
 * Performs one step and returns the event's progress after it; the caller stores it.
 *
 * An effect may have happened before a crash, so each is looked for first. An event never goes
 * back to an earlier state; later states repeat effects that the chain has lost.
 */
export async function performStep(
  shell: ServingShell,
  progress: EventProgress,
  step: Exclude<Step, { kind: 'wait' }>,
): Promise<EventProgress> {
  if (step.kind !== 'reach') return effects[step.kind](shell, progress)
  if (step.state === 'paid') await markPaid(shell, progress.event)
  return reach(progress, step.state, { nowMs: shell.clock.nowMs() })
}

type PerformEffect = (shell: ServingShell, progress: EventProgress) => Promise<EventProgress>

const effects: Readonly<Record<Effect, PerformEffect>> = {
  commit,
  'keep-speed': keepSpeed,
  settle,
  propose: (shell, progress) => follow(shell, progress, { ensure: ensureProposed, to: 'proposed' }),
  attest: (shell, progress) => follow(shell, progress, { ensure: ensureAttested, to: 'attested' }),
  finalize: (shell, progress) => follow(shell, progress, { ensure: ensureFinal, to: 'final' }),
  async reject(shell, progress) {
    await markRejected(shell, progress.event)
    return { ...progress, problem: { kind: 'objected' } }
  },
}

async function follow(
  shell: ServingShell,
  progress: EventProgress,
  way: { ensure(shell: ServingShell, event: DrEvent): Promise<void>; to: EventState },
): Promise<EventProgress> {
  await way.ensure(shell, progress.event)
  return reach(progress, way.to, { nowMs: shell.clock.nowMs() })
}

/** Commits the baselines: computed once, stored, and their root sent before the start. */
async function commit(shell: ServingShell, progress: EventProgress): Promise<EventProgress> {
  const { event } = progress
  const eventHash = keccakOfText(event.id)
  const committedInputs =
    (await shell.store.committedInputs(event.id)) ?? (await computeCommittedInputs(shell, event))
  const onChain = (await readCommitment(shell.chain, eventHash))?.root ?? null
  if (onChain !== null && onChain !== committedInputs.baselinesRoot) {
    throw new InvariantError(
      `The chain holds other baselines of ${event.id} (${onChain}) than ours ` +
        `(${committedInputs.baselinesRoot}).`,
      { event: event.id, onChain },
    )
  }
  if (onChain === null) {
    await shell.chain.send({
      contract: 'BaselineCommitment',
      method: 'commit',
      args: [eventHash, event.startMs / 1000, committedInputs.baselinesRoot],
      once: `commit ${eventHash}`,
    })
  }
  return reach(progress, 'committed', {
    nowMs: shell.clock.nowMs(),
    baselinesRoot: committedInputs.baselinesRoot,
    orderedMwh: orderedMwhOf(event, committedInputs.baselines),
  })
}

/** Stores the energy that the speed layer shows as delivered once the event has ended. */
async function keepSpeed(shell: ServingShell, progress: EventProgress): Promise<EventProgress> {
  const { event } = progress
  const committedInputs = await requireCommittedInputs(shell, event)
  const figures =
    committedInputs.speedFigures ?? (await readSpeedFigures(shell, event, committedInputs))
  const eventSecret = eventSecretOf(shell, event)
  const { root } = buildSpeedCommitment({ event, eventSecret, speedFigures: figures })
  return reach(progress, 'ended', {
    nowMs: shell.clock.nowMs(),
    speedDeliveredMwh: deliveredMwhOf(figures),
    speedRoot: root,
  })
}

async function readSpeedFigures(
  shell: ServingShell,
  event: DrEvent,
  committedInputs: CommittedInputs,
) {
  const meters = metersOf(event)
  const shown = await shell.store.shown({ range: event, meters, intervalS: event.intervalS })
  const figures = computeSpeedFigures({ event, baselines: committedInputs.baselines, shown })
  const next = { ...committedInputs, version: committedInputs.version + 1, speedFigures: figures }
  await shell.store.putCommittedInputs(event.id, next)
  return figures
}
