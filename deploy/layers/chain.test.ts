import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectChain } from '../engines/chain/ethersChain.ts'
import { wattproofArtifacts } from '../engines/chain/ethersChainArtifacts.ts'
import { memoryJournal } from '../engines/chain/ethersChainJournal.ts'
import { openSigner } from '../engines/chain/ethersChainSigner.ts'
import { readContracts } from '../installation/addresses.ts'
import { readConfig } from '../installation/config.ts'
import { openSecrets } from '../installation/secrets.ts'
import { startTestChain, type TestChain, testSigner } from '../testing/testChain.ts'
import { openOperatorChain } from './chain.ts'

let dir: string
let world: TestChain

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-founders-'))
  const { address } = await testSigner('founder')
  world = await startTestChain({ startMs: Date.UTC(2013, 1, 11, 17), founders: [address] })
})

afterAll(async () => {
  await world?.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('named founders have the stake; the folder keeps the contract addresses', async () => {
  const outside = [`0x${'12'.repeat(20)}`, `0x${'34'.repeat(20)}`]
  const environment = { WATTPROOF_DIR: dir, WATTPROOF_FOUNDERS: outside.join(',') }
  const config = readConfig({}, { ...environment, WATTPROOF_SEED: 'founders' })
  const secrets = openSecrets(config)
  expect(readContracts(config)).toBeNull()
  const signer = await openSigner({ privateKey: secrets.keyOf('operator') })
  const connected = await connectChain({
    ...{ url: world.url, signer, followClock: world.clock },
    ...{ journal: memoryJournal(), artifacts: wattproofArtifacts },
  })
  const chain = await openOperatorChain({ config, secrets, connected })
  const ask = (method: string, args: readonly unknown[]) =>
    chain.read({ contract: 'ValidatorRegistry', method, args })
  expect(await ask('founderCount', [])).toBe(2n)
  expect([await ask('founders', [0]), await ask('founders', [1])]).toEqual(outside)
  expect(await ask('stakeOf', [outside[0]])).toEqual({ earned: 0n, genesis: 100_000n })
  expect(readContracts(config)).toEqual((await chain.identity()).contracts)
  await chain.close()
})
