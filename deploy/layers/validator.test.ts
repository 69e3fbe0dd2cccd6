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
import { callAnvil } from '../embedded/anvilRpc.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { readConfig } from '../installation/config.ts'
import { projectRoot, typeScriptArgs } from '../process/runtime.ts'
import { openTestApi } from '../testing/testApi.ts'
import { startTestChain, type TestChain } from '../testing/testChain.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'
import { run } from './validator.ts'

/**
 * An external validator: its own folder, its own key in a keystore, the validator token;
 * it reaches the installation's API, and shares its chain.
 */
const wallet = new Wallet(keccakOfText('the key of a validator outside'))
const address = wallet.address.toLowerCase() as Address
const password = 'correct horse battery staple'
const validatorToken = 'what-validators-are-given'
const built = buildSettlement({ ...exampleInputs(), balances: new Map() })

let dir: string
let world: TestChain
let clickhouse: TestClickHouse
let views: Views
let api: Awaited<ReturnType<typeof openTestApi>>
let validator: ChildProcess | undefined
let said = ''

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-outside-'))
  ;[clickhouse, world] = await Promise.all([
    startTestClickHouse(),
    startTestChain({ startMs: exampleEvent.startMs, founders: [address] }),
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
  if (validator && validator.exitCode === null) {
    validator.kill('SIGTERM')
    await once(validator, 'exit')
  }
  await api?.close()
  await views?.close()
  await Promise.all([clickhouse?.stop(), world?.stop()])
  rmSync(dir, { recursive: true, force: true })
})

test('it signs a settlement with its own key, and no secret of the operator', async () => {
  const { chain } = world
  const store = openEventStore(views)
  const period = await world.propose(built)
  const { header, published, members } = built
  await store.putEvent({ ...firstProgress(exampleEvent), state: 'proposed' })
  const at = { period, chain: await placeOf(chain), state: 'proposed' as const, verdicts: [] }
  const format = 'wattproof-settlement-1'
  const record = { format, header, published, members, ...at } as const
  await store.putRecord({ record, version: 1, state: 'proposed' })
  await callAnvil(world.url, 'anvil_setBalance', [address, '0x8ac7230489e80000'])

  validator = startOutside()
  const signature = await waitForSignature(() => store.verdicts(period))
  await world.attest(period, [signature])
  expect((await readInfo(chain, period)).state).toBe('attested')
  const elected = { contract: 'IncentiveVault', method: 'stakesEarnings', args: [address] } as const
  expect(await chain.read(elected)).toBe(true)
  // Its own journal and what the test put there; no secret, no token, no installation's marker.
  expect(readdirSync(dir).sort()).toEqual([
    'keystore.json',
    'password',
    `transactions-validator-${address}.jsonl`,
  ])
})

test.each([
  [{ WATTPROOF_VALIDATOR: '0' }, /not both/],
  [{ WATTPROOF_VALIDATOR_TOKEN: '' }, /WATTPROOF_VALIDATOR_TOKEN/],
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
  const { port } = api.server.address() as AddressInfo
  return {
    WATTPROOF_DIR: dir,
    WATTPROOF_URL: `http://127.0.0.1:${port}`,
    CHAIN_URL: world.url,
    WATTPROOF_VALIDATOR_KEYSTORE: keystore,
    WATTPROOF_VALIDATOR_PASSWORD_FILE: secret,
    WATTPROOF_VALIDATOR_TOKEN: validatorToken,
  }
}

function startOutside(): ChildProcess {
  const child = spawn(
    process.execPath,
    [...typeScriptArgs, path.join(projectRoot, 'deploy/cli.ts'), 'validator'],
    {
      cwd: projectRoot,
      env: { PATH: process.env.PATH, ...settings() },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('utf8')}`.slice(-2_000)
  })
  return child
}

/** Mines blocks meanwhile, as on any chain: its election needs two on top of it. */
async function waitForSignature(
  read: () => Promise<readonly { validator: Address; signature: Hex32 | null }[]>,
): Promise<Hex32> {
  const end = performance.now() + 30_000
  for (;;) {
    const verdict = (await read()).find((each) => each.validator === address)
    if (verdict?.signature) return verdict.signature
    if (performance.now() > end || validator?.exitCode !== null) {
      throw new Error(`No signature came: ${said} ${JSON.stringify(verdict ?? null)}`)
    }
    await callAnvil(world.url, 'anvil_mine', ['0x1'])
    await sleep(200)
  }
}
