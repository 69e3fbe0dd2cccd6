import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ContractAddresses,
  deployContracts,
} from '../../deploy/engines/chain/deployContracts.ts'
import { connectChain, openEthersChain } from '../../deploy/engines/chain/ethersChain.ts'
import { wattproofArtifacts } from '../../deploy/engines/chain/ethersChainArtifacts.ts'
import { readHead } from '../../deploy/engines/chain/ethersChainHead.ts'
import { memoryJournal, viewsJournal } from '../../deploy/engines/chain/ethersChainJournal.ts'
import { openRpc } from '../../deploy/engines/chain/ethersChainRpc.ts'
import { openSigner, type Signer } from '../../deploy/engines/chain/ethersChainSigner.ts'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { type Anvil, startAnvil } from '../../deploy/testing/startAnvil.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { type EventProgress, type EventState, eventStates } from '../../schemas/event.ts'
import type { Address, EventId, MeterId } from '../../schemas/ids.ts'
import type { Chain } from '../../schemas/ports/chain.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { EventDraft } from '../programme/commands.ts'
import { type RunningServing, runServing } from '../run.ts'
import { openEventStore } from '../store/eventStore.ts'
import { encodeProgress } from '../store/progressJson.ts'
import { at, hourMs, keyOf, master, meters } from './drafts.ts'
import { enrol, fillHistory, meterEvent } from './fillReadings.ts'
import { openValidatorApi, runValidators, sendObjection } from './validatorsHarness.ts'

/** How far the archive is: readings are stored without a log here. */
export const archive = { readMs: Number.POSITIVE_INFINITY }

/** Real ClickHouse, real anvil, four validators over HTTP, and a clock that tests move. */
export const clock: Clock & { ms: EpochMs } = {
  ms: at('2013-02-11T00:00'),
  nowMs: () => clock.ms,
  elapsedMs: () => performance.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal ? { signal } : {}),
}

let dir: string
let anvil: Anvil
let clickhouse: TestClickHouse
let views: Views
export let chain: Chain
export let addresses: ContractAddresses
export let serving: RunningServing
let stop = new AbortController()
let api: Server
export let accounts: Address[] = []
/** What serving and validators say. */
export const logged: string[] = []

export async function openHarness(): Promise<void> {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-serving-'))
  ;[clickhouse, anvil] = await Promise.all([startTestClickHouse(), startChain()])
  views = await openClickHouseViews({ url: clickhouse.url })
  accounts = await Promise.all(
    meters.map(async (_, index) => {
      const role = index < 4 ? `validator-${index}` : `home-${index}`
      return (await openSigner({ privateKey: keyOf(role) })).address
    }),
  )
  await enrol(views, accounts)
  await fillHistory(views)
  await startServing()
  api = await openValidatorApi(store, (verdict) => serving.addVerdict(verdict))
}

/** Where other layers find the same store. */
export function storeUrl(): string {
  return clickhouse.url
}

export async function closeHarness(): Promise<void> {
  stop.abort()
  await serving?.done
  api?.close()
  await views?.close()
  await Promise.all([clickhouse?.stop(), anvil?.stop()])
  rmSync(dir, { recursive: true, force: true })
}

export async function stopServing(): Promise<void> {
  stop.abort()
  await serving.done
}

export async function playTo(draft: EventDraft, state: EventState): Promise<void> {
  await moveTo(Math.max(clock.ms, draft.startMs - 2 * hourMs))
  await serving.createEvent(draft)
  await moveTo(draft.startMs - 900_000)
  await until(draft.id, 'committed')
  await meterEvent(views, draft, {})
  await moveTo(draft.endMs + hourMs)
  await until(draft.id, state)
}

export async function moveTo(ms: EpochMs): Promise<void> {
  clock.ms = Math.max(clock.ms, ms)
  serving.nudge()
}

export async function until(id: EventId, state: EventState): Promise<EventProgress> {
  return waitFor(async () => {
    const progress = await progressOf(id)
    const isThere = eventStates.indexOf(progress.state) >= eventStates.indexOf(state)
    return isThere ? progress : null
  }, `${id} ${state}`)
}

export async function progressOf(id: EventId): Promise<EventProgress> {
  return (await store().events()).find(({ event }) => event.id === id)!
}

export async function waitFor<T>(look: () => Promise<T | null | false>, what = ''): Promise<T> {
  const end = performance.now() + 50_000
  for (;;) {
    const found = await look()
    if (found) return found
    if (performance.now() > end)
      throw new Error(`${what} did not come: ${logged.slice(-12).join('\n')}`)
    await sleep(50)
  }
}

export function store() {
  return openEventStore(views)
}

/** Past the checks of the store. */
export function insertEvent(progress: EventProgress): Promise<void> {
  return views.insert('events', [encodeProgress(progress)])
}

export function read<T>(contract: keyof ContractAddresses, method: string): Promise<T> {
  return chain.read<T>({ contract, method, args: [] })
}

function startChain(): Promise<Anvil> {
  const options = { dir: path.join(dir, 'chain'), chainId: 31_337, timestampS: 1_360_000_000 }
  return startAnvil(options)
}

/** kill -9: blocks since the last save are lost. */
export async function restartChain(): Promise<void> {
  process.kill(anvil.pid, 'SIGKILL')
  await anvil.exited
  anvil = await startChain()
}

export async function startServing(): Promise<void> {
  stop = new AbortController()
  const signer = await openSigner({ privateKey: keyOf('operator') })
  const connected = await connectChain({
    url: anvil.url,
    signer,
    journal: viewsJournal(views),
    artifacts: wattproofArtifacts,
    followClock: clock,
    durableBlock: () => anvil.durableBlock(),
  })
  addresses = await deployContracts(connected, {
    guardian: signer.address,
    founders: accounts.slice(0, 4).map((address) => ({ address, stakeMicros: 100_000 })),
    genesisPeriods: 8,
    challengeWindowS: 3600,
    unbondingS: 7200,
    fundMicros: 1_000_000_000,
  })
  chain = openEthersChain(connected, addresses)
  serving = await runServing({
    ...{ views, chain, clock, master, partitions: 2, signal: stop.signal },
    archivedMs: async () => archive.readMs,
    say: (line) => logged.push(line),
  })
}

export async function restartServing(): Promise<void> {
  stop.abort()
  await serving.done
  await chain.close()
  await startServing()
}

export function meter(draft: EventDraft, options: { without?: MeterId }): Promise<void> {
  return meterEvent(views, draft, options)
}

export function startValidators(indices: readonly number[]) {
  const say = (line: string) => logged.push(line)
  const readHash = async () => (await readHead(openRpc(anvil.url))).hash
  return runValidators({ api, clock, connect: connectAs, readHead: readHash, say }, indices)
}

export function objectAs(index: number, settlementNumber: number): Promise<void> {
  return sendObjection({ connect: connectAs }, index, settlementNumber)
}

async function connectAs(signer: Signer): Promise<Chain> {
  const connected = await connectChain({
    url: anvil.url,
    signer,
    journal: memoryJournal(),
    artifacts: wattproofArtifacts,
    followClock: clock,
    durableBlock: () => anvil.durableBlock(),
  })
  return openEthersChain(connected, addresses)
}
