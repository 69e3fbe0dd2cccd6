import type { DrEvent, EventProgress } from '../../schemas/event.ts'
import { keccakOfText } from '../../schemas/hash.ts'
import { type EventId, partitionOf } from '../../schemas/ids.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { readCommitment, readInfo, readSettlementNumber } from '../anchor/readAnchor.ts'
import { readSignatures } from '../anchor/readSignatures.ts'
import { isAllClaimed } from '../claims/claimEvent.ts'
import { metersOf } from '../settlement/sumTerms.ts'
import type { ServingShell } from '../store/servingShell.ts'
import { firstRevision } from './committedInputsOf.ts'
import { commitDueMs, type Facts, neutralFacts, settleDueMs } from './nextStep.ts'

/**
 * Reads the facts an event's next step depends on, and only those its state needs.
 *
 * @param unfinished other events that are verified and not final.
 */
export async function gatherFacts(
  shell: ServingShell,
  progress: EventProgress,
  unfinished: readonly EventId[],
): Promise<Facts> {
  const { event, state } = progress
  const nowMs = shell.clock.nowMs()
  const facts = { ...neutralFacts, nowMs }
  const eventHash = keccakOfText(event.id)
  switch (state) {
    case 'announced':
    case 'committed': {
      if (nowMs < commitDueMs(event)) return facts
      const commitment = (await readCommitment(shell.chain, eventHash))?.root ?? null
      if (state === 'committed' || commitment !== null) return { ...facts, commitment }
      return { ...facts, archivedMs: await shell.archivedMs() }
    }
    case 'running': {
      if (nowMs < event.endMs) return facts
      return { ...facts, speedWatermarkMs: await readSpeedWatermark(shell, event) }
    }
    case 'ended': {
      if (nowMs < settleDueMs(event)) return facts
      const settlesNow = await findSettling(shell, unfinished)
      return { ...facts, settlesNow, archivedMs: await shell.archivedMs() }
    }
    case 'proposed':
    case 'attested':
    case 'final':
      return { ...facts, ...(await readAnchorFacts(shell, progress)) }
    default:
      return facts
  }
}

/** The first event that may still become final; a rejected settlement changes no account. */
async function findSettling(
  { chain }: ServingShell,
  unfinished: readonly EventId[],
): Promise<EventId | null> {
  for (const id of unfinished) {
    const settlementNumber = await readSettlementNumber(chain, keccakOfText(id), firstRevision)
    if (settlementNumber === null || (await readInfo(chain, settlementNumber)).state !== 'rejected')
      return id
  }
  return null
}

/** Lowest watermark of the participants' partitions; null while one of them has none. */
async function readSpeedWatermark(shell: ServingShell, event: DrEvent): Promise<EpochMs | null> {
  const watermarks = await shell.store.watermarks()
  const needed = new Set(metersOf(event).map((meter) => partitionOf(meter, shell.partitions)))
  const reached = [...needed].map((partition) => watermarks.get(partition))
  return reached.includes(undefined) ? null : Math.min(...(reached as EpochMs[]))
}

async function readAnchorFacts(
  shell: ServingShell,
  { event, state }: EventProgress,
): Promise<Partial<Facts>> {
  const { chain } = shell
  const settlementNumber = await readSettlementNumber(chain, keccakOfText(event.id), firstRevision)
  if (settlementNumber === null) return {}
  const info = await readInfo(chain, settlementNumber)
  const facts = { anchorState: info.state, challengeEndsMs: info.challengeEndsMs }
  if (info.state === 'proposed') {
    const { isQuorum } = await readSignatures(shell, settlementNumber, info.stakeTotal)
    return { ...facts, isQuorumSigned: isQuorum }
  }
  if (info.state === 'attested' && state === 'attested' && info.stakeFor < info.stakeTotal) {
    const { signatures } = await readSignatures(shell, settlementNumber, info.stakeTotal)
    return { ...facts, isLateSigned: signatures.length > 0 }
  }
  const isFinal = info.state === 'final' && state === 'final'
  return isFinal ? { ...facts, isAllClaimed: await isAllClaimed(shell, event.id) } : facts
}
