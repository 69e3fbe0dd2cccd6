import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keccakOfText } from '../schemas/hash.ts'
import { readInfo } from './anchor/readAnchor.ts'
import type { PublishedSettlement } from './settlement/published.ts'
import { draftOf, hourMs } from './testing/drafts.ts'
import {
  accounts,
  chain,
  clock,
  closeHarness,
  meter,
  moveTo,
  objectAs,
  openHarness,
  playTo,
  progressOf,
  read,
  restartChain,
  restartServing,
  serving,
  startValidators,
  store,
  until,
  waitFor,
} from './testing/settlementHarness.ts'
import { altered } from './testing/validatorsHarness.ts'

/** What may come between an event and its payment: votes that are missing, kills, objections. */
beforeAll(async () => {
  await openHarness()
  await settleOne()
})
afterAll(closeHarness)

test('under two thirds of stake nothing is final; a validator refuses a forged leaf', async () => {
  const draft = draftOf('high-2013-02-13', '2013-02-13T17:00', '2013-02-13T18:00')
  await playTo(draft, 'ended')
  altered.set(accounts[2]!, (published) => {
    if (published.event.eventId !== draft.id) return published
    const members = structuredClone(published.members) as unknown as Altered[]
    members[1]!.line.pay += 1n
    return { ...published, members } as unknown as PublishedSettlement
  })
  const some = await startValidators([0, 1, 2])
  await moveTo(draft.endMs + 2 * hourMs)
  await until(draft.id, 'proposed')
  const settlementNumber = Number(await read<bigint>('SettlementAnchor', 'periodCount'))
  const verdicts = await waitFor(async () => {
    const found = await store().verdicts(settlementNumber)
    return found.length === 3 ? found : null
  })
  const refusal = verdicts.find(({ validator }) => validator === accounts[2]!)
  expect(refusal?.refusal).toMatch(/^Line 1: /)
  expect(verdicts.filter(({ signature }) => signature !== null)).toHaveLength(2)
  // Stake earned in the first event counts in the second.
  const earned = {
    contract: 'ValidatorRegistry',
    method: 'totalEarnedAt',
    args: [settlementNumber],
  } as const
  expect(await chain.read(earned)).toBe(240_000n)

  await moveTo(draft.endMs + 48 * hourMs)
  await sleep(1_000)
  expect((await progressOf(draft.id)).state).toBe('proposed')
  const finalize = {
    contract: 'SettlementAnchor',
    method: 'finalize',
    args: [settlementNumber],
  } as const
  await expect(chain.send({ ...finalize, once: 'too early' })).rejects.toThrow(/WrongState/)

  // A later event waits until this one is final: entitlements are cumulative.
  const next = draftOf('high-2013-02-15', '2013-02-15T20:00', '2013-02-15T21:00')
  await playTo(next, 'ended')
  await moveTo(next.endMs + 2 * hourMs)
  const blocked = { kind: 'settles-after', event: draft.id }
  await waitFor(async () => isDeepStrictEqual((await progressOf(next.id)).problem, blocked))

  altered.clear()
  await some.stop()
  const all = await startValidators([0, 1, 2, 3])
  await until(draft.id, 'attested')
  await moveTo(clock.ms + 2 * hourMs)
  await until(draft.id, 'final')
  await until(next.id, 'attested')
  await moveTo(clock.ms + 2 * hourMs)
  await until(next.id, 'final')
  await serving.claim(next.id)
  // Entitlements are cumulative: the later event's claims also paid those of the earlier one.
  await until(draft.id, 'paid')
  await until(next.id, 'paid')
  await all.stop()
  expect(await read('IncentiveVault', 'paidOut')).toBe(await read('IncentiveVault', 'owed'))
})

test('restarts between all steps and lost blocks still give one settlement', async () => {
  const draft = draftOf('high-2013-02-19', '2013-02-19T17:00', '2013-02-19T18:00')
  await moveTo(draft.startMs - 2 * hourMs)
  await serving.createEvent(draft)
  await restartServing()
  await moveTo(draft.startMs - 900_000)
  await until(draft.id, 'committed')
  await restartServing()
  await meter(draft, {})
  await moveTo(draft.startMs)
  await until(draft.id, 'running')
  await moveTo(draft.endMs + hourMs)
  await restartServing()
  await until(draft.id, 'ended')
  const validators = await startValidators([0, 1, 2, 3])
  await moveTo(draft.endMs + 2 * hourMs)
  await until(draft.id, 'proposed')
  await restartServing()
  await until(draft.id, 'attested')
  await restartChain()
  await moveTo(draft.endMs + 4 * hourMs)
  await until(draft.id, 'final')
  await restartChain()
  await restartServing()
  await waitFor(() => serving.claim(draft.id).catch(() => null))
  await until(draft.id, 'paid')
  await validators.stop()
  const numberOf = { contract: 'SettlementAnchor', method: 'periodOf' } as const
  const hash = keccakOfText(draft.id)
  expect(await chain.read({ ...numberOf, args: [hash, 1] })).toBe(4n)
  expect((await readInfo(chain, 4)).state).toBe('final')
  expect(await read('SettlementAnchor', 'periodCount')).toBe(4n)
  expect(await read('IncentiveVault', 'paidOut')).toBe(await read('IncentiveVault', 'owed'))
})

test('a rejected settlement pays nobody, and later events continue', async () => {
  const draft = draftOf('high-2013-02-20', '2013-02-20T12:00', '2013-02-20T13:00')
  await playTo(draft, 'ended')
  await moveTo(draft.endMs + 2 * hourMs)
  await until(draft.id, 'proposed')
  const settlementNumber = Number(await read<bigint>('SettlementAnchor', 'periodCount'))
  // Two of four hold more than a third.
  for (const index of [0, 1]) await objectAs(index, settlementNumber)
  await waitFor(async () => (await progressOf(draft.id)).problem?.kind === 'objected')
  expect((await store().record(draft.id, 0))?.state).toBe('rejected')

  const next = draftOf('high-2013-02-20-late', '2013-02-20T17:00', '2013-02-20T18:00')
  const validators = await startValidators([0, 1, 2, 3])
  await playTo(next, 'ended')
  await moveTo(next.endMs + 2 * hourMs)
  await until(next.id, 'attested')
  await moveTo(clock.ms + 2 * hourMs)
  await until(next.id, 'final')
  await serving.claim(next.id)
  await until(next.id, 'paid')
  await validators.stop()
  expect((await progressOf(draft.id)).state).toBe('proposed')
  expect(await read('IncentiveVault', 'paidOut')).toBe(await read('IncentiveVault', 'owed'))
})

type Altered = { line: { pay: bigint } }

/** An event that nothing disturbs: its claims are the stake of the next ones. */
async function settleOne(): Promise<void> {
  const draft = draftOf('high-2013-02-11', '2013-02-11T17:00', '2013-02-11T19:00')
  const validators = await startValidators([0, 1, 2, 3])
  await playTo(draft, 'ended')
  await moveTo(draft.endMs + 2 * hourMs)
  await until(draft.id, 'attested')
  await moveTo(draft.endMs + 4 * hourMs)
  await until(draft.id, 'final')
  await serving.claim(draft.id)
  await until(draft.id, 'paid')
  await validators.stop()
}
