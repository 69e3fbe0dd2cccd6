import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { encryptKeystoreJsonSync, Wallet } from 'ethers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keccakOfText } from '../../schemas/hash.ts'
import type { Address, Hex32 } from '../../schemas/ids.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { keepVerdict } from '../../serving/anchor/keepVerdict.ts'
import { placeOf } from '../../serving/anchor/placeOf.ts'
import { readInfo } from '../../serving/anchor/readAnchor.ts'
import { firstProgress } from '../../serving/programme/announceEvent.ts'
import type { ServingCommands } from '../../serving/programme/commands.ts'
import { buildSettlement } from '../../serving/settlement/buildSettlement.ts'
import { exampleEvent, exampleInputs } from '../../serving/settlement/testing/exampleEvent.ts'
import { openEventStore } from '../../serving/store/eventStore.ts'
import { addressOfKey } from '../engines/chain/ethersChainSigner.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { readConfig } from '../installation/config.ts'
import { openSecrets } from '../installation/secrets.ts'
import { projectRoot, typeScriptArgs } from '../process/runtime.ts'
import { callAnvil } from '../testing/callAnvil.ts'
import { openTestApi } from '../testing/testApi.ts'
import { startTestChain, type TestChain } from '../testing/testChain.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'
import { run } from './validator.ts'

/**
 * An external validator: its own folder, its own key in a keystore, the validator token;
 * it reaches the installation's API, and shares its chain. Then three of an installation's own.
 */
const wallet = new Wallet(keccakOfText('the key of a validator outside'))
const address = wallet.address.toLowerCase() as Address
const password = 'correct horse battery staple'
const validatorToken = 'what-validators-are-given'
const built = buildSettlement({ ...exampleInputs(), balances: new Map() })

let dir: string
/** The folder of an installation, and the accounts of its own three validators. */
let ourDir: string
let accounts: readonly Address[]
let world: TestChain
let clickhouse: TestClickHouse
let views: Views
let api: Awaited<ReturnType<typeof openTestApi>>
let validators: ChildProcess[] = []
let said = ''

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-outside-'))
  ourDir = mkdtempSync(path.join(tmpdir(), 'wattproof-ours-'))
  const secrets = openSecrets(readConfig({}, { WATTPROOF_DIR: ourDir }))
  accounts = [0, 1, 2].map((index) => addressOfKey(secrets.keyOf(`validator-${index}`)))
  ;[clickhouse, world] = await Promise.all([
    startTestClickHouse(),
    startTestChain({ startMs: exampleEvent.startMs, founders: [address, ...accounts] }),
  ])
  views = await openClickHouseViews({ url: clickhouse.url })
  const { chain, clock } = world
  const shell = { store: openEventStore(views), chain, say() {} }
  const commands = {
    addVerdict: (verdict) => keepVerdict(shell, verdict),
  } as ServingCommands
  api = await openTestApi({ views, chain, clock, commands, validatorToken })
  await api.listen({ host: '127.0.0.1', port: 0 })
})

afterAll(async () => {
  for (const each of validators.filter(({ exitCode }) => exitCode === null)) {
    each.kill('SIGTERM')
    await once(each, 'exit')
  }
  await api?.close()
  await views?.close()
  await Promise.all([clickhouse?.stop(), world?.stop()])
  for (const each of [dir, ourDir]) rmSync(each, { recursive: true, force: true })
})

test('it signs a settlement with its own key, and no secret of the operator', async () => {
  const { chain } = world
  const store = openEventStore(views)
  const settlementNumber = await world.propose(built)
  const { header, published, members } = built
  await store.putEvent({ ...firstProgress(exampleEvent), state: 'proposed' })
  const at = {
    ...{ period: settlementNumber, chain: await placeOf(chain) },
    ...{ state: 'proposed' as const, verdicts: [] },
  }
  const format = 'wattproof-settlement-1'
  const record = { format, header, published, members, ...at } as const
  await store.putRecord({ record, version: 1, state: 'proposed' })
  await giveGas(address)

  start(settings())
  const [signature] = await waitForSignatures([address])
  await world.attest(settlementNumber, [signature!])
  expect(await readInfo(chain, settlementNumber)).toMatchObject({
    state: 'proposed',
    stakeFor: 100_000n,
  })
  const elected = { contract: 'IncentiveVault', method: 'stakesEarnings', args: [address] } as const
  expect(await chain.read(elected)).toBe(true)
  // Its own journal and what the test put there; no secret, no token, no installation's marker.
  expect(readdirSync(dir).sort()).toEqual([
    'keystore.json',
    'password',
    `transactions-validator-${address}.jsonl`,
  ])
}, 120_000)

test('of several in one process, one that cannot be opened stops no other', async () => {
  const [first, second, third] = accounts as [Address, Address, Address]
  for (const each of accounts) await giveGas(each)
  const journal = path.join(ourDir, 'transactions-validator-1.jsonl')
  writeFileSync(journal, 'This is no transaction.\n')
  const child = start({
    ...{ WATTPROOF_DIR: ourDir, WATTPROOF_URL: apiUrl(), CHAIN_URL: world.url },
    ...{ WATTPROOF_VALIDATOR: 'all', WATTPROOF_VALIDATORS: '3' },
    WATTPROOF_VALIDATOR_TOKEN: validatorToken,
  })
  for (const each of await waitForSignatures([first, third])) await world.attest(1, [each])
  const verdicts = await openEventStore(views).verdicts(1)
  expect(verdicts.map(({ validator }) => validator)).not.toContain(second)
  expect(said).toContain('Validator 1 failed and is opened again: ')
  expect(said).not.toContain('Validator 0 failed')

  rmSync(journal)
  await world.attest(1, await waitForSignatures([second]))
  const { state, stakeFor } = await readInfo(world.chain, 1)
  expect([state, stakeFor]).toEqual(['attested', 400_000n])
  expect(child.exitCode).toBe(null)
}, 200_000)

test.each([
  [{ WATTPROOF_VALIDATOR: '0' }, /not both/],
  [{ WATTPROOF_VALIDATOR_TOKEN: '' }, /WATTPROOF_VALIDATOR_TOKEN/],
  [{ CHAIN_URL: '' }, /There is no chain in .* Start the installation with CHAIN_URL of a chain/],
  [{ WATTPROOF_VALIDATOR_PASSWORD_FILE: '' }, /WATTPROOF_VALIDATOR_PASSWORD_FILE/],
  [{ WATTPROOF_VALIDATOR_PASSWORD_FILE: '/nowhere' }, /\/nowhere cannot be read/],
  [{ WATTPROOF_VALIDATOR_KEYSTORE: '', WATTPROOF_VALIDATOR: '' }, /Say which validator/],
])('%j is refused with a clear message', async (change, sentence) => {
  const config = readConfig({}, { ...settings(), ...change })
  await expect(run(config, new AbortController().signal)).rejects.toThrow(sentence)
})

function settings() {
  const [keystore, secret] = [path.join(dir, 'keystore.json'), path.join(dir, 'password')]
  const { privateKey } = wallet
  const json = encryptKeystoreJsonSync({ address, privateKey }, password, { scrypt: { N: 1024 } })
  writeFileSync(keystore, json)
  writeFileSync(secret, `${password}\n`)
  return {
    WATTPROOF_DIR: dir,
    WATTPROOF_URL: apiUrl(),
    CHAIN_URL: world.url,
    WATTPROOF_VALIDATOR_KEYSTORE: keystore,
    WATTPROOF_VALIDATOR_PASSWORD_FILE: secret,
    WATTPROOF_VALIDATOR_TOKEN: validatorToken,
  }
}

function apiUrl(): string {
  return `http://127.0.0.1:${(api.server.address() as AddressInfo).port}`
}

function giveGas(account: Address): Promise<unknown> {
  return callAnvil(world.url, 'anvil_setBalance', [account, '0x8ac7230489e80000'])
}

function start(environment: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(
    process.execPath,
    [...typeScriptArgs, path.join(projectRoot, 'deploy/cli.ts'), 'validator'],
    {
      cwd: projectRoot,
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('utf8')}`.slice(-20_000)
  })
  validators = [...validators, child]
  return child
}

/** Mines blocks meanwhile, as on any chain: an election needs two on top of it. */
async function waitForSignatures(of: readonly Address[]): Promise<Hex32[]> {
  const store = openEventStore(views)
  const end = performance.now() + 90_000
  for (;;) {
    const verdicts = await store.verdicts(1)
    const found = of.map((each) => verdicts.find(({ validator }) => validator === each)?.signature)
    if (found.every((each) => each)) return found as Hex32[]
    if (performance.now() > end || validators.some(({ exitCode }) => exitCode !== null)) {
      throw new Error(`No signature came: ${said} ${JSON.stringify(verdicts.length)}`)
    }
    await callAnvil(world.url, 'anvil_mine', ['0x1'])
    await sleep(200)
  }
}
