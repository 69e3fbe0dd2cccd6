import { NotSettledYetError } from '../../schemas/errors/settlement.ts'
import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { EventProgress } from '../../schemas/event.ts'
import type { Address, Hex32 } from '../../schemas/ids.ts'
import { requireRead } from '../../schemas/ports/readPlaces.ts'
import type { AccountBalance, SettledAsOf } from '../../schemas/settlement.ts'
import { buildSettlement } from '../settlement/buildSettlement.ts'
import { differenceOf } from '../settlement/differenceOf.ts'
import { computeEventBaselines } from '../settlement/eventBaselines.ts'
import type { PublishedMember, PublishedSettlement } from '../settlement/published.ts'
import type { ServingShell } from '../store/servingShell.ts'
import { eventSecretOf, requireCommittedInputs } from './committedInputsOf.ts'
import { readBefore, readUntilEnd } from './readEvent.ts'

export type Rerun = {
  readonly asOf: SettledAsOf
  /** Root of the settlement as it was. */
  readonly root: Hex32
  readonly rerunRoot: Hex32
  /** Why they differ; null where they are the same. */
  readonly difference: RerunDifference | null
}

/** The first line that differs, or none where only a root does. */
export type RerunDifference = {
  readonly line: number | null
  readonly field: string
  readonly settled: string
  readonly rerun: string
}

/**
 * Settles an event once more, or would: from the master data set as of the places that its
 * settlement names, baselines included, whatever was said, taken back or decided since. Nothing is
 * stored. As of other places it shows what they would change.
 *
 * @throws NotSettledYetError before the event is verified, AsOfBeyondError where the archive has
 * not read as far, as while it is filled again.
 */
export async function rerunSettlement(
  shell: Pick<ServingShell, 'store' | 'master'>,
  { event, state }: EventProgress,
  other?: SettledAsOf,
): Promise<Rerun> {
  const kept = await shell.store.record(event.id, 0)
  if (!kept) throw new NotSettledYetError({ event: event.id, state })
  const { published } = kept.record
  const { speedFigures } = await requireCommittedInputs(shell, event)
  const asOf = other ?? published.asOf
  const archived = await shell.store.places()
  for (const places of [asOf.baselines, asOf.readings]) requireRead(places, archived)
  const { baselines } = computeEventBaselines(event, await readBefore(shell, event, asOf.baselines))
  const built = buildSettlement({
    event,
    revision: published.event.revision,
    eventSecret: eventSecretOf(shell, event),
    baselines,
    metered: await readUntilEnd(shell, event, asOf.readings),
    speedFigures: speedFigures ?? new Map(),
    balances: balancesBefore(published.members),
    asOf,
  })
  const [root, rerunRoot] = [published.header.root, built.header.root]
  return { asOf, root, rerunRoot, difference: differenceBetween(published, built.published) }
}

/** The balance of each account before the first of its lines. */
function balancesBefore(members: readonly PublishedMember[]): Map<Address, AccountBalance> {
  const balances = new Map<Address, AccountBalance>()
  for (const { account, before } of members) {
    if (!balances.has(account)) balances.set(account, before)
  }
  return balances
}

function differenceBetween(
  settled: PublishedSettlement,
  rerun: PublishedSettlement,
): RerunDifference | null {
  for (const [line, member] of settled.members.entries()) {
    const own = rerun.members[line]
    invariant(own !== undefined, 'A rerun has the lines of its settlement.')
    const { line: figures, ...inputs } = member
    const { line: ownFigures, ...ownInputs } = own
    const found = differenceOf(figures, ownFigures) ?? differenceOf(inputs, ownInputs)
    if (found) return { line, field: found.field, settled: found.stated, rerun: found.recomputed }
  }
  const found = differenceOf(settled.header, rerun.header)
  return found && { line: null, field: found.field, settled: found.stated, rerun: found.recomputed }
}
