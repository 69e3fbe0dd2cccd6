import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { RetryableError } from '../../schemas/errors/wattproofError.ts'
import { keccakOfText } from '../../schemas/hash.ts'
import type { Chain } from '../../schemas/ports/chain.ts'
import { deployContracts } from '../engines/chain/deployContracts.ts'
import { connectChain, openEthersChain } from '../engines/chain/ethersChain.ts'
import { wattproofArtifacts } from '../engines/chain/ethersChainArtifacts.ts'
import { memoryJournal } from '../engines/chain/ethersChainJournal.ts'
import { projectRoot } from '../process/runtime.ts'
import { callAnvil } from '../testing/callAnvil.ts'
import { standingClock } from '../testing/testApi.ts'
import { testSigner } from '../testing/testChain.ts'
import { type AnvilNode, runAnvilNode } from './anvilNode.ts'
import { type ChainTime, followTime, heldMsMin, jumpMsMax } from './chainTime.ts'

/** A real chain whose clock is set by the test. */
const startMs = Date.UTC(2013, 1, 11, 17)
const dayMs = 86_400_000
const clock = standingClock(startMs)
let upMs = 1_000
let dir: string
let node: AnvilNode
let chain: Chain
let commits = 0

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-chain-time-'))
  const time = follow()
  const timestampS = startMs / 1000
  const password = 'a password for tests'
  node = await runAnvilNode({ dir, chainId: 31_337, password, timestampS, time })
  const signer = await testSigner('operator')
  const connected = await connectChain({
    ...{ url: node.url, signer, followClock: clock },
    ...{ journal: memoryJournal(), artifacts: wattproofArtifacts },
  })
  const addresses = await deployContracts(connected, {
    guardian: signer.address,
    founders: [{ address: signer.address, stakeMicros: 100_000 }],
    ...{ genesisPeriods: 8, challengeWindowS: 3600, unbondingS: 7200, fundMicros: 0 },
  })
  chain = openEthersChain(connected, addresses)
})

afterAll(async () => {
  await chain?.close()
  await node?.stop()
  process.chdir(projectRoot)
  rmSync(dir, { recursive: true, force: true })
})

beforeEach(() => go(1_000))

test('a clock that jumped a month ahead and back refuses no event', async () => {
  const before = await chain.head()
  expect(before.waits).toBeUndefined()
  clock.ms += 30 * dayMs
  const refused = await commit(clock.ms + dayMs).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(RetryableError)
  expect(String(refused)).toContain('clock jumped ahead by 2592000 s')
  const { waits, ...same } = await chain.head()
  expect(waits).toMatch(/^The machine's clock jumped ahead by 2592000 s\. Nothing is sent/)
  expect(same).toEqual(before)
  clock.ms -= 30 * dayMs
  expect(await chain.head()).toEqual(before)
  // It starts within that month.
  expect((await commit(startMs + dayMs)).block).toBe(before.number + 1)
})

test('who has the password sets no time beyond the clock', async () => {
  const before = await chain.head()
  const nowS = clock.ms / 1000
  for (const beyondS of [16, 30 * 86_400, 100 * 365 * 86_400]) {
    const set = callAnvil(node.url, 'evm_setNextBlockTimestamp', [nowS + beyondS])
    await expect(set).rejects.toThrow(`cannot be set ${beyondS} s beyond the clock`)
  }
  for (const wrong of [[], [`0x${(nowS + 60).toString(16)}`], [nowS, nowS], [nowS + 0.5]]) {
    const set = callAnvil(node.url, 'evm_setNextBlockTimestamp', wrong)
    await expect(set).rejects.toThrow('with such parameters')
  }
  await commit(startMs + dayMs)
  expect((await chain.head()).timestampS - before.timestampS).toBeLessThan(15)
})

test('blocks of one second each may run ahead of a clock that stands', async () => {
  const before = await chain.head()
  for (let sent = 0; sent < 20; sent++) await commit(startMs + dayMs)
  expect((await chain.head()).timestampS).toBeGreaterThanOrEqual(before.timestampS + 19)
  go(60_000)
})

test('a clock that holds the time it jumped to is believed', () => {
  const time = follow()
  clock.ms += jumpMsMax + 1_000
  expect(() => time.check(clock.ms / 1000)).toThrow('jumped ahead')
  go(heldMsMin - 1)
  expect(time.waits()).not.toBeNull()
  go(1)
  expect(time.waits()).toBeNull()
  time.check(clock.ms / 1000)
})

test('one that jumps again while it is doubted is doubted anew', () => {
  const time = follow()
  clock.ms += dayMs
  expect(time.waits()).not.toBeNull()
  go(heldMsMin / 2)
  clock.ms += dayMs
  expect(time.waits()).not.toBeNull()
  go(heldMsMin - 1)
  expect(time.waits()).not.toBeNull()
  clock.ms -= 2 * dayMs
  expect(time.waits()).toBeNull()
})

test('small corrections, a pause without a look, and one set back are followed', () => {
  const time = follow()
  clock.ms += jumpMsMax
  time.check(clock.ms / 1000)
  go(90 * dayMs)
  time.check(clock.ms / 1000)
  clock.ms -= 180 * dayMs
  time.check(clock.ms / 1000)
  expect(() => time.check(clock.ms / 1000 + dayMs / 1000)).toThrow('beyond the clock')
  clock.ms += 90 * dayMs
})

test('a simulated clock goes as far as its driver likes', () => {
  const time = followTime({ read, believed: null })
  clock.ms += 365 * dayMs
  time.check(clock.ms / 1000)
  expect(() => time.check(clock.ms / 1000 + 60)).toThrow('60 s beyond the clock')
})

function read() {
  return { clockMs: clock.ms, upMs }
}

function follow(): ChainTime {
  return followTime({ read, believed: read() })
}

/** Both pass. */
function go(ms: number): void {
  clock.ms += ms
  upMs += ms
}

function commit(eventStartMs: number) {
  const once = `commit ${++commits}`
  const args = [keccakOfText(once), Math.floor(eventStartMs / 1000), keccakOfText('root')]
  return chain.send({ contract: 'BaselineCommitment', method: 'commit', args, once })
}
