import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { EventAnnouncedError } from '../schemas/errors/event.ts'
import { InvalidArgumentError } from '../schemas/errors/wattproofError.ts'
import type { EventState } from '../schemas/event.ts'
import { keccakOfText } from '../schemas/hash.ts'
import { type EventId, meterId } from '../schemas/ids.ts'
import { toJson } from '../schemas/units.ts'
import { readInfo } from './anchor/readAnchor.ts'
import type { ClaimReport } from './claims/claimEvent.ts'
import { describeEvent } from './merge/describeEvent.ts'
import type { EventDraft } from './programme/commands.ts'
import { turnMs } from './run.ts'
import { makeBundle } from './settlement/bundle/makeBundle.ts'
import { recoverSigner } from './settlement/recoverSigner.ts'
import { at, controls, draftOf, hourMs, meters, stepMs, terms } from './testing/drafts.ts'
import {
  accounts,
  addresses,
  archive,
  chain,
  clock,
  closeHarness,
  insertEvent,
  logged,
  meter,
  moveTo,
  openHarness,
  progressOf,
  read,
  restartServing,
  serving,
  startServing,
  startValidators,
  stopServing,
  store,
  until,
  waitFor,
} from './testing/settlementHarness.ts'
import { verifyBundleOnChain } from './validate/verifyBundleOnChain.ts'

beforeAll(openHarness)
afterAll(closeHarness)

test('an event runs from its announcement to paid and proved claims', async () => {
  const draft = draftOf('high-2013-02-11', '2013-02-11T17:00', '2013-02-11T19:00')
  const created = await serving.createEvent(draft)
  expect(created.state).toBe('announced')
  expect(await serving.createEvent(draft)).toEqual(created)
  const changed = { ...draft, endMs: draft.endMs + stepMs }
  await expect(serving.createEvent(changed)).rejects.toThrow(/announced with other terms/)
  await expect(serving.claim(draft.id)).rejects.toThrow(/is announced; .* once it is final/)

  await whileArchiveIsBehind(draft.startMs - 900_000, () => checkWaits(draft, 'announced'))
  const committed = await until(draft.id, 'committed')
  const commitment = await chain.read<{ root: string; startS: bigint; committedAtS: bigint }>({
    contract: 'BaselineCommitment',
    method: 'commitmentOf',
    args: [keccakOfText(draft.id)],
  })
  expect(commitment.root).toBe(committed.baselinesRoot)
  expect(Number(commitment.startS) * 1000).toBe(draft.startMs)
  expect(Number(commitment.committedAtS) * 1000).toBeLessThan(draft.startMs)

  await moveTo(draft.startMs)
  await until(draft.id, 'running')
  await meter(draft, { without: meters[2]! })
  await moveTo(draft.endMs + hourMs)
  const ended = await until(draft.id, 'ended')
  // 300 Wh of baseline, a tenth ordered, a fifth less used: 30 Wh delivered in each of 4
  // half-hours. The third meter's readings are late; the last meter delivers nothing.
  expect(ended.speedDeliveredMwh).toBe(4 * 4 * 30_000)

  const validators = await startValidators([0, 1, 2])
  await whileArchiveIsBehind(draft.endMs + 2 * hourMs, async () => {
    await checkWaits(draft, 'ended')
    await meter(draft, {})
  })
  const attested = await until(draft.id, 'attested')
  expect(attested.deliveredMwh).toBe(5 * 4 * 30_000)
  expect(attested.deficiencyMwh).toBe(4 * 30_000)
  expect(attested.orderedMwh).toBe(6 * 4 * 30_000)
  expect(attested.verifications.map(({ method }) => method)).toEqual([
    'caiso-10-in-10',
    'control-group',
  ])
  await checkPauses()
  expect((await progressOf(draft.id)).state).toBe('attested')
  expect((await readInfo(chain, 1)).stakeFor).toBe(300_000n)
  // A validator that was down at the quorum still counts while the challenge window is open.
  const late = await startValidators([3])
  await waitFor(async () => (await readInfo(chain, 1)).stakeFor === 400_000n, 'the fourth')
  expect((await progressOf(draft.id)).state).toBe('attested')

  await moveTo(draft.endMs + 4 * hourMs)
  await until(draft.id, 'final')
  const preview = await serving.claim(draft.id, { isDryRun: true })
  expect(await read('IncentiveVault', 'paidOut')).toBe(0n)
  const report = await claimWhileOthersGoOn(draft.id)
  expect(preview).toEqual({ ...report, gasUsed: 0 })
  await until(draft.id, 'paid')
  await Promise.all([validators.stop(), late.stop()])

  // 0.12 kWh at 0.50 is 0.06 for each of five members; the sixth owes 0.006 and gets nothing.
  expect(report.sumMicros).toBe(5n * 60_000n)
  expect(report.claims).toHaveLength(5)
  expect(report.claims.filter(({ staked }) => staked)).toHaveLength(4)
  expect(await read('IncentiveVault', 'paidOut')).toBe(await read('IncentiveVault', 'owed'))
  expect((await serving.claim(draft.id)).claims).toEqual([])

  await checkBundles(draft.id)
})

/** However long payouts take: an event is announced and committed while they wait for a block. */
async function claimWhileOthersGoOn(id: EventId): Promise<ClaimReport> {
  const send = chain.send.bind(chain)
  let mine = () => {}
  const mined = new Promise<void>((resolve) => {
    mine = resolve
  })
  const sent: string[] = []
  const sending = vi.spyOn(chain, 'send').mockImplementation(async (call) => {
    sent.push(call.method)
    if (call.method === 'claimMany') await mined
    return send(call)
  })
  const paying = serving.claim(id)
  await waitFor(async () => sent.includes('claimMany'), 'the claims')
  const next = draftOf('high-2013-02-12', '2013-02-12T17:00', '2013-02-12T18:00')
  expect((await serving.createEvent(next)).state).toBe('announced')
  await moveTo(next.startMs - 900_000)
  await until(next.id, 'committed')
  expect(sent).toEqual(['claimMany', 'commit'])
  expect((await serving.claim(id, { isDryRun: true })).claims).toHaveLength(5)
  mine()
  const report = await paying
  sending.mockRestore()
  return report
}

/** At an instant, with a reading from before it in the log that the archive has not read. */
async function whileArchiveIsBehind(atMs: number, work: () => Promise<void>): Promise<void> {
  archive.readMs = atMs - 2
  await moveTo(atMs)
  await work()
  archive.readMs = Number.POSITIVE_INFINITY
}

/** However often it is looked at, the event goes no further. */
async function checkWaits(draft: EventDraft, state: EventState): Promise<void> {
  const slept = vi.spyOn(clock, 'sleep')
  await waitFor(async () => slept.mock.calls.length >= 10, 'turns')
  slept.mockRestore()
  expect((await progressOf(draft.id)).state).toBe(state)
}

/** While a vote is missing the chain is asked now and then, not in every turn. */
async function checkPauses(): Promise<void> {
  const asked = vi.spyOn(chain, 'read')
  const slept = vi.spyOn(clock, 'sleep')
  const turns = () => slept.mock.calls.filter(([ms]) => ms === turnMs).length
  await waitFor(async () => turns() >= 20, 'turns')
  const looks = asked.mock.calls.filter(([{ method }]) => method === 'infoOf').length
  expect(looks).toBeLessThan(turns() / 4)
  asked.mockRestore()
  slept.mockRestore()
}

test('an event whose baselines missed the start shows a problem and is not settled', async () => {
  const draft = draftOf('high-2013-02-21', '2013-02-21T17:00', '2013-02-21T18:00')
  await moveTo(draft.startMs - 2 * hourMs)
  await serving.createEvent(draft)
  await stopServing()
  await moveTo(draft.startMs)
  await startServing()
  const progress = await waitFor(async () => {
    const found = await progressOf(draft.id)
    return found.problem ? found : null
  })
  expect(progress.state).toBe('announced')
  expect(progress.problem).toEqual({ kind: 'not-committed' })
})

test('a fault of ours is in the log, and the event names only where', async () => {
  const draft = draftOf('high-2013-02-22', '2013-02-22T17:00', '2013-02-22T18:00')
  await moveTo(draft.startMs - 2 * hourMs)
  const other = `0x${'5a'.repeat(32)}`
  const args = [keccakOfText(draft.id), draft.startMs / 1000, other]
  await chain.send({ contract: 'BaselineCommitment', method: 'commit', args, once: 'other' })
  await serving.createEvent(draft)
  await moveTo(draft.startMs - 900_000)
  const { problem } = await waitFor(async () => {
    const found = await progressOf(draft.id)
    return found.problem ? found : null
  })
  expect(problem).toEqual({ kind: 'internal', logId: expect.stringMatching(/^[0-9a-f]{8}$/) })
  const { logId } = problem as { logId: string }
  expect(logged.filter((line) => line.startsWith(`${logId} ${draft.id}: The chain holds`))).toEqual(
    [expect.stringContaining(other)],
  )
  const progress = await progressOf(draft.id)
  const shown = describeEvent({ progress, settlementNumber: null, isTrusted: true })
  expect(shown.problem).toBe(
    'The next step failed through a fault of the server and is tried again. ' +
      `The server's log has the reason under ${logId}.`,
  )
})

test('drafts that cannot be settled are refused with the reason', async () => {
  const draft = draftOf('x', '2013-03-01T17:00', '2013-03-01T18:00')
  const refuse = (change: Partial<EventDraft>, sentence: RegExp) =>
    expect(serving.createEvent({ ...draft, ...change })).rejects.toThrow(sentence)
  await refuse({ participants: [meterId('unknown')] }, /not enrolled/)
  await refuse({ participants: [controls[0]!], controls: [] }, /no account/)
  await refuse({ participants: [meters[0]!, meters[0]!] }, /named twice/)
  await refuse({ startMs: draft.startMs + 1 }, /begins and ends with an interval/)
  await refuse({ startMs: at('2013-01-05T10:00'), endMs: at('2013-01-05T11:00') }, /is past/)
  const farMs = at('2024-01-05T10:00')
  await refuse({ startMs: farMs, endMs: farMs + hourMs }, /2024-01-05.* at the latest/)
  await refuse({ terms: { ...terms, baselineMethod: 'guess' } }, /no baseline method named guess/)
  const verdict = { period: 1, validator: accounts[0]!, refusal: null }
  const signature = `0x${'11'.repeat(65)}` as const
  await expect(serving.addVerdict({ ...verdict, signature })).rejects.toThrow(/not a signature/)
  const late = { ...verdict, period: 99, signature }
  await expect(serving.addVerdict(late)).rejects.toBeInstanceOf(InvalidArgumentError)
})

test('of two events at once for the same meters one is announced', async () => {
  const one = draftOf('twin-a', '2013-03-01T17:00', '2013-03-01T18:00')
  const other = { ...draftOf('twin-b', '2013-03-01T17:30', '2013-03-01T18:30') }
  const answers = await Promise.allSettled([one, other].map((each) => serving.createEvent(each)))
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  const sentence = 'twin-b overlaps in time with twin-a, which has 6 of its participants'
  await restartServing()
  await expect(serving.createEvent(other)).rejects.toThrow(sentence)
  // The same draft again is the same event.
  expect((await serving.createEvent(one)).event.id).toBe(one.id)
})

test('a stored event that cannot be decoded is left out, also after a restart', async () => {
  const draft = draftOf('far', '2013-03-02T17:00', '2013-03-02T18:00')
  const whole = draftOf('high-2013-03-02', '2013-03-02T19:00', '2013-03-02T20:00')
  const created = await serving.createEvent(draft)
  // As an older version stored it: an end that no schema takes.
  const event = { ...created.event, endMs: 253_402_300_859_999 }
  await insertEvent({ ...created, event, version: 100 })
  for (let count = 0; count < 2; count++) {
    await restartServing()
    expect(serving.listUnreadable()).toEqual([draft.id])
    const sentence = `${draft.id} is left out: The stored event ${draft.id} cannot be read`
    expect(logged.filter((line) => line.startsWith(sentence))).toHaveLength(count + 1)
  }
  await expect(serving.createEvent(draft)).rejects.toThrow(EventAnnouncedError)
  await serving.createEvent(whole)
  await moveTo(whole.startMs - 900_000)
  await until(whole.id, 'committed')
})

/** The subscriber was notified, and each member's proof verifies on chain, signed by all four. */
async function checkBundles(id: EventId): Promise<void> {
  const entry = await chain.read<{ root: string; totalPay: bigint }>({
    contract: 'SettlementLedger',
    method: 'entryOf',
    args: [1],
  })
  expect(entry.totalPay).toBe(300_000n)
  const { record } = (await store().record(id, 0))!
  expect(record.verdicts.filter(({ signature }) => signature !== null)).toHaveLength(4)
  for (const each of meters) {
    const bundle = JSON.parse(toJson(makeBundle({ record, meter: each })))
    const verified = await verifyBundleOnChain(bundle, {
      recoverSigner,
      read: (call) => chain.read(call),
      readChainId: async () => (await chain.identity()).chainId,
      trustedAnchor: addresses.SettlementAnchor,
    })
    expect(verified.sentence).toContain('signed with a stake of 0.40 of 0.40 GBP, all of it is')
    expect(verified.checks.filter(({ ok }) => !ok)).toEqual([])
  }
}
