import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { EventProgress } from '../../schemas/event.ts'
import { buildSettlement } from '../settlement/buildSettlement.ts'
import type { SettlementRecord } from '../settlement/settlementRecord.ts'
import { unmeasuredOf } from '../settlement/unmeasured.ts'
import { verifyEvent } from '../settlement/verifyEvent.ts'
import type { ServingShell } from '../store/servingShell.ts'
import { eventSecretOf, firstRevision, requireCommittedInputs } from './committedInputsOf.ts'
import { reach } from './reach.ts'
import { readUntilEnd } from './readEvent.ts'

/**
 * Settles and verifies an event from the readings archived by now, names their places, and stores
 * its lines and record.
 */
export async function settle(
  shell: Pick<ServingShell, 'store' | 'clock' | 'master'>,
  progress: EventProgress,
): Promise<EventProgress> {
  const { event } = progress
  const { store } = shell
  const committed = await requireCommittedInputs(shell, event)
  const { baselines, baselinesRoot, speedFigures } = committed
  // Pinned before anything is read: whatever is said later, these places read the same.
  const asOf = { baselines: committed.asOf, readings: await store.places() }
  const readings = await readUntilEnd(shell, event, asOf.readings)
  const built = buildSettlement({
    event,
    revision: firstRevision,
    eventSecret: eventSecretOf(shell, event),
    baselines,
    metered: readings,
    speedFigures: speedFigures ?? new Map(),
    balances: await store.balances(),
    asOf,
  })
  invariant(
    built.header.baselinesRoot === baselinesRoot,
    `The terms, times, accounts or dates of ${event.id} are not those that were committed before ` +
      'its start; it cannot be settled by others.',
  )
  const version = ((await store.record(event.id, firstRevision))?.version ?? 0) + 1
  const record: SettlementRecord = {
    format: 'wattproof-settlement-1',
    published: built.published,
    header: built.header,
    state: 'settled',
    period: null,
    chain: null,
    members: built.members,
    verdicts: [],
  }
  // The record last: where it exists, all lines exist.
  await store.putLines(built, version)
  await store.putRecord({ record, version, state: 'settled' })
  const { settlement } = built
  return reach(progress, 'verified', {
    nowMs: shell.clock.nowMs(),
    deliveredMwh: settlement.delivered,
    deficiencyMwh: settlement.deficiency,
    verifications: verifyEvent({ event, settlement, baselines, readings }),
    unmeasured: unmeasuredOf(settlement),
  })
}
