import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readHead } from '../../deploy/engines/chain/ethersChainHead.ts'
import { openRpc } from '../../deploy/engines/chain/ethersChainRpc.ts'
import { startTestChain, type TestChain, testSigner } from '../../deploy/testing/testChain.ts'
import { RetryableError } from '../../schemas/errors/wattproofError.ts'
import type { Chain } from '../../schemas/ports/chain.ts'
import { buildSettlement } from '../settlement/buildSettlement.ts'
import type { PublishedSettlement } from '../settlement/published.ts'
import { exampleEvent, exampleInputs } from '../settlement/testing/exampleEvent.ts'
import type { ValidatorVerdict } from '../store/validatorVerdict.ts'
import { runValidator } from './runValidator.ts'
import { type HeadWatch, watchHead } from './watchHead.ts'

/** One validator, the operator itself, on a real chain on which blocks come only when asked for. */
const built = buildSettlement({ ...exampleInputs(), balances: new Map() })

let world: TestChain
let published: PublishedSettlement | null
let verdicts: ValidatorVerdict[]
let said: string[]
let reads: number
let isCut: boolean

beforeAll(async () => {
  const { address } = await testSigner('operator')
  world = await startTestChain({ startMs: exampleEvent.startMs, founders: [address] })
})
afterAll(() => world?.stop())
beforeEach(() => {
  ;[published, verdicts, said, reads, isCut] = [null, [], [], 0, false]
})

test('without a new block it reads only the head; a lost chain is reported once', async () => {
  await running(async (heads) => {
    await heads.wait(null)
    await quiet(heads)
    const before = reads
    await until(heads, heads.reads + 50)
    expect(reads).toBe(before)
    await openRpc(world.url).call('anvil_mine', ['0x1'])
    await expect.poll(() => reads).toBeGreaterThan(before)

    await quiet(heads)
    isCut = true
    await openRpc(world.url).call('anvil_mine', ['0x1'])
    await expect.poll(() => said).toEqual(['The test has cut the line.'])
    await until(heads, heads.reads + 10)
    expect(said).toHaveLength(1)
    isCut = false
    const cut = reads
    await expect.poll(() => reads).toBeGreaterThan(cut)
  })
})

test('what is published or corrected after the last block is signed without another', async () => {
  const number = await world.propose(built)
  const { number: block } = await world.chain.head()
  await running(async (heads) => {
    await until(heads, heads.reads + 10)
    expect(verdicts).toEqual([])
    const [first, ...others] = built.published.members
    const forged = { ...first!, line: { ...first!.line, pay: first!.line.pay + 1n } }
    published = { ...built.published, members: [forged as typeof first & {}, ...others] }
    await expect.poll(() => verdicts.length, { timeout: 10_000 }).toBe(1)
    expect(verdicts[0]).toMatchObject({ period: number, signature: null })
    published = built.published
    await expect.poll(() => verdicts.length, { timeout: 10_000 }).toBe(2)
    expect(verdicts[1]).toMatchObject({ period: number, refusal: null })
  })
  expect((await world.chain.head()).number).toBe(block)
})

async function running(inside: (heads: HeadWatch) => Promise<void>): Promise<void> {
  const ends = new AbortController()
  const { signal } = ends
  const clock = {
    nowMs: () => 0,
    elapsedMs: () => performance.now(),
    sleep: (ms: number) => sleep(ms, undefined, { signal }),
  }
  const rpc = openRpc(world.url)
  const heads = watchHead({
    ...{ clock, signal, pollMs: 5 },
    read: async () => (await readHead(rpc)).hash,
  })
  const chain: Chain = {
    ...world.chain,
    read: async <T>(call: Parameters<Chain['read']>[0]) => {
      reads++
      if (isCut) throw new RetryableError('The test has cut the line.')
      return world.chain.read<T>(call)
    },
  }
  const client = {
    published: async () => published,
    sendVerdict: async (verdict: ValidatorVerdict) => void verdicts.push(verdict),
  }
  const signer = await testSigner('operator')
  const done = runValidator({
    ...{ chain, signer, client, heads, signal },
    say: (line) => void (/^Settlement/.test(line) || said.push(line)),
  })
  try {
    await inside(heads)
  } finally {
    ends.abort()
    await done
  }
}

/** Waits until it has looked at the newest block and asks for nothing more. */
async function quiet(heads: HeadWatch): Promise<void> {
  for (let before = -1; before !== reads; ) {
    before = reads
    await until(heads, heads.reads + 20)
  }
}

async function until(heads: HeadWatch, end: number): Promise<void> {
  while (heads.reads < end) await sleep(5)
}
