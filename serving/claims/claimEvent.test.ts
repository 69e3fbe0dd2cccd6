import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestChain, type TestChain, testSigner } from '../../deploy/testing/testChain.ts'
import type { Address, Hex32 } from '../../schemas/ids.ts'
import { firstProgress } from '../programme/announceEvent.ts'
import { buildSettlement } from '../settlement/buildSettlement.ts'
import type { SettlementRecord } from '../settlement/settlementRecord.ts'
import { accounts, exampleEvent, exampleInputs } from '../settlement/testing/exampleEvent.ts'
import type { ServingShell } from '../store/servingShell.ts'
import { claimEvent, isAllClaimed } from './claimEvent.ts'

/** The second of three payees cannot be paid: no token can be sent to the zero address. */
const zero = `0x${'00'.repeat(20)}` as Address
const participants = exampleEvent.participants.map(({ meter, account }) => {
  return { meter, account: account === accounts[1] ? zero : account }
})
const event = { ...exampleEvent, participants }
const built = buildSettlement({ ...exampleInputs(), event, balances: new Map() })

let world: TestChain
const logged: string[] = []

beforeAll(async () => {
  const founder = await testSigner('founder')
  world = await startTestChain({ startMs: event.startMs, founders: [founder.address] })
  const settlementNumber = await world.propose(built)
  const place = {
    chainId: 31_337,
    anchor: world.addresses.SettlementAnchor,
    settlementNumber,
  }
  await world.attest(settlementNumber, [(await founder.signHeader(place, built.header)) as Hex32])
  await world.finalize(settlementNumber)
})

afterAll(() => world?.stop())

test('a line that cannot be paid is reported, and the others are paid', async () => {
  const progress = { ...firstProgress(event), state: 'final' as const }
  const report = await claimEvent(shellOf(), progress)
  const [first, second, , fourth] = built.settlement.lines
  expect(report.claims).toEqual([
    { account: first!.account, amountMicros: first!.pay, staked: false },
    { account: fourth!.account, amountMicros: fourth!.pay, staked: false },
  ])
  expect(report.sumMicros).toBe(first!.pay + fourth!.pay)
  const reason = expect.stringContaining('ERC20InvalidReceiver')
  expect(report.refused).toEqual([{ index: 1, account: second!.account, reason }])
  expect(logged).toEqual([expect.stringMatching(/line 1, to 0x0{40}, is not paid: .*Receiver/)])
  const again = await claimEvent(shellOf(), progress)
  expect(again).toMatchObject({ claims: [], sumMicros: 0n, refused: [{ index: 1 }] })
})

test('while claims are under way a look asks for little, and the last one for all', async () => {
  const account = (at: number) => `0x${String(at).padStart(40, '0')}` as Address
  const members = Array.from({ length: 500 }, (_, at) => {
    return { account: account(at), detail: '0x', line: { entitled: 5n } }
  })
  let paid = 0
  let asked = 0
  const chain = {
    read: async ({ args }: { args: readonly unknown[] }) => {
      asked += 1
      return Number(BigInt(String(args[0]).replace('0x', ''))) < paid ? 5n : 0n
    },
  }
  const record = { published: { members }, period: 1 } as unknown as SettlementRecord
  const store = { record: async () => ({ record, version: 1, state: 'final' }) }
  const shell = { store, chain } as unknown as ServingShell
  for (paid of [0, 250, 499]) {
    asked = 0
    expect(await isAllClaimed(shell, event.id)).toBe(false)
    expect(asked).toBe(32)
  }
  asked = 0
  paid = 500
  expect(await isAllClaimed(shell, event.id)).toBe(true)
  expect(asked).toBe(500)
})

function shellOf(): ServingShell {
  const record = { published: built.published, period: 1 } as unknown as SettlementRecord
  const store = { record: async () => ({ record, version: 1, state: 'final' }) }
  const shell = { store, chain: world.chain, say: (line: string) => logged.push(line) }
  return shell as unknown as ServingShell
}
