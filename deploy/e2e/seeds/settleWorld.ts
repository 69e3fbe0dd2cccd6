import type { DrEvent } from '../../../schemas/event.ts'
import type { Hex32 } from '../../../schemas/ids.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { firstProgress } from '../../../serving/programme/announceEvent.ts'
import {
  computeCommittedInputs,
  firstRevision,
  requireCommittedInputs,
} from '../../../serving/programme/committedInputsOf.ts'
import { settle } from '../../../serving/programme/settleStep.ts'
import { computeSpeedFigures } from '../../../serving/settlement/speedFigures.ts'
import { metersOf } from '../../../serving/settlement/sumTerms.ts'
import { openEventStore } from '../../../serving/store/eventStore.ts'

export type Settled = {
  readonly baselinesRoot: Hex32
  readonly root: Hex32
  readonly deliveredMwh: number
}

const master = new Uint8Array(32).fill(7)

/** As the loop does when the baselines fall due: of all that is archived by then. */
export async function commitBaselines(views: Views, event: DrEvent): Promise<void> {
  const archivedMs = async () => Number.POSITIVE_INFINITY
  const store = openEventStore(views)
  await computeCommittedInputs({ store, master, archivedMs, say: () => {} }, event)
}

/** With the figures of the merged view, as the loop keeps them when the event has ended. */
export async function settleWorld(views: Views, event: DrEvent): Promise<Settled> {
  const store = openEventStore(views)
  const committed = await requireCommittedInputs({ store }, event)
  const { baselines, baselinesRoot } = committed
  const asked = { range: event, meters: metersOf(event), intervalS: event.intervalS }
  const speedFigures = computeSpeedFigures({ event, baselines, shown: await store.shown(asked) })
  const kept = { ...committed, version: committed.version + 1, speedFigures }
  await store.putCommittedInputs(event.id, kept)
  const clock = {
    nowMs: () => event.endMs,
    elapsedMs: () => performance.now(),
    sleep: async () => {},
  }
  const { deliveredMwh } = await settle({ store, clock, master }, firstProgress(event))
  const found = await store.record(event.id, firstRevision)
  return { baselinesRoot, root: found!.record.header.root, deliveredMwh: deliveredMwh! }
}
