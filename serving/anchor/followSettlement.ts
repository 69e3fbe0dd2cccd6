import { chunk } from '../../schemas/chunk.ts'
import { InvariantError, invariant } from '../../schemas/errors/wattproofError.ts'
import type { DrEvent } from '../../schemas/event.ts'
import { keccakOfText } from '../../schemas/hash.ts'
import type { SettlementRecord } from '../settlement/settlementRecord.ts'
import type { KeptRecord } from '../store/readEvents.ts'
import type { ServingShell } from '../store/servingShell.ts'
import { signaturesMax } from './chooseAttestation.ts'
import { placeOf } from './placeOf.ts'
import { readHeader, readInfo, readSettlementNumber } from './readAnchor.ts'
import { readSignatures } from './readSignatures.ts'

const graceTurns = 8
const graceMs = 100

/**
 * Makes sure that an event's settlement is proposed: read first, sent if missing, and read
 * back. The anchor's settlement of the event must be ours.
 *
 * @throws InvariantError when it is another settlement.
 */
export async function ensureProposed(shell: ServingShell, event: DrEvent): Promise<void> {
  const { chain, store } = shell
  const kept = await requireRecord(shell, event)
  const { header } = kept.record
  const read = () => readSettlementNumber(chain, header.eventHash, header.revision)
  let settlementNumber = await read()
  if (settlementNumber === null) {
    await chain.send({
      contract: 'SettlementAnchor',
      method: 'propose',
      args: [header],
      once: `propose ${header.eventHash} ${header.revision}`,
    })
    settlementNumber = await read()
  }
  invariant(settlementNumber !== null, `${event.id} was proposed and the anchor does not know it.`)
  const { root } = await readHeader(chain, settlementNumber)
  if (root !== header.root) {
    throw new InvariantError(
      `The anchor holds another settlement of ${event.id} (${root}) than ours (${header.root}).`,
      { event: event.id, settlementNumber, root },
    )
  }
  const record = { ...kept.record, period: settlementNumber, chain: await placeOf(chain) }
  const isOld = kept.record.period === settlementNumber && kept.record.state !== 'settled'
  if (!isOld) await putRecord(store, kept, { ...record, state: 'proposed' })
}

/**
 * Makes sure that the anchor has enough signatures, and stores who signed. Signatures after
 * the quorum are counted as long as the anchor accepts them: until the challenge window ends.
 */
export async function ensureAttested(shell: ServingShell, event: DrEvent): Promise<void> {
  const { chain, store } = shell
  const kept = await requireRecord(shell, event)
  const settlementNumber = requireNumber(kept.record)
  const info = await readInfo(chain, settlementNumber)
  const { signatures, verdicts } = await collectSignatures(shell, settlementNumber, info.stakeTotal)
  const isInWindow = info.state === 'attested' && shell.clock.nowMs() < info.challengeEndsMs
  if (info.state === 'proposed' || isInWindow) {
    for (const lot of chunk(signatures, signaturesMax)) {
      await chain.send({
        contract: 'SettlementAnchor',
        method: 'attest',
        args: [settlementNumber, lot],
        once: `attest ${settlementNumber} ${keccakOfText(lot.join()).slice(2, 18)}`,
      })
    }
    const { state } = await readInfo(chain, settlementNumber)
    invariant(
      state !== 'proposed',
      `Settlement ${settlementNumber} has signatures and is not attested.`,
    )
  }
  const isFinal = kept.record.state === 'final'
  const state = isFinal ? 'final' : 'attested'
  await putRecord(store, kept, { ...kept.record, state, verdicts: verdicts.map(toKept) })
}

/** Two thirds are enough; wait briefly for the rest, so that one transaction carries all. */
async function collectSignatures(
  shell: ServingShell,
  settlementNumber: number,
  stakeTotal: bigint,
) {
  for (let turn = 1; ; turn++) {
    const read = await readSignatures(shell, settlementNumber, stakeTotal)
    const heard = read.verdicts.reduce((sum, { stake }) => sum + stake, 0n)
    if (heard >= stakeTotal || turn === graceTurns) return read
    await shell.clock.sleep(graceMs)
  }
}

/** Makes sure that the settlement is final; subscribers are called by the same transaction. */
export async function ensureFinal(shell: ServingShell, event: DrEvent): Promise<void> {
  const { chain, store } = shell
  const kept = await requireRecord(shell, event)
  const settlementNumber = requireNumber(kept.record)
  const info = await readInfo(chain, settlementNumber)
  if (info.state !== 'final') {
    await chain.send({
      contract: 'SettlementAnchor',
      method: 'finalize',
      args: [settlementNumber],
      once: `finalize ${settlementNumber}`,
    })
  }
  // Validators that signed after the quorum belong in the proofs too.
  const { verdicts } = await readSignatures(shell, settlementNumber, info.stakeTotal)
  await putRecord(store, kept, {
    ...kept.record,
    state: 'final',
    verdicts: verdicts.map(toKept),
  })
}

export async function markRejected(shell: ServingShell, event: DrEvent): Promise<void> {
  const kept = await requireRecord(shell, event)
  if (kept.record.state === 'rejected') return
  await putRecord(shell.store, kept, { ...kept.record, state: 'rejected' })
}

export async function markPaid(shell: ServingShell, event: DrEvent): Promise<void> {
  const kept = await requireRecord(shell, event)
  await shell.store.putRecord({ ...kept, version: kept.version + 1, state: 'paid' })
}

async function requireRecord(shell: ServingShell, event: DrEvent): Promise<KeptRecord> {
  const kept = await shell.store.record(event.id, 0)
  if (kept) return kept
  throw new InvariantError(`The settlement of ${event.id} was not kept.`)
}

function requireNumber({ period: number, published }: SettlementRecord): number {
  if (number !== null) return number
  throw new InvariantError(
    `${published.event.eventId} has no settlement number: it was not proposed.`,
  )
}

function putRecord(
  store: ServingShell['store'],
  kept: KeptRecord,
  record: SettlementRecord,
): Promise<void> {
  return store.putRecord({ record, version: kept.version + 1, state: record.state })
}

function toKept(
  verdict: SettlementRecord['verdicts'][number],
): SettlementRecord['verdicts'][number] {
  const { validator, signature, refusal, stake } = verdict
  return { validator, signature, refusal, stake }
}
