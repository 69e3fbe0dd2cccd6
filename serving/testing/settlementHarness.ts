import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readDurableBlock } from '../../deploy/embedded/anvilState.ts'
import {
  type ContractAddresses,
  deployContracts,
} from '../../deploy/engines/chain/deployContracts.ts'
import { connectChain, openEthersChain } from '../../deploy/engines/chain/ethersChain.ts'
import { wattproofArtifacts } from '../../deploy/engines/chain/ethersChainArtifacts.ts'
import { memoryJournal, viewsJournal } from '../../deploy/engines/chain/ethersChainJournal.ts'
import { openSigner, type Signer } from '../../deploy/engines/chain/ethersChainSigner.ts'
import { openHttpPublished } from '../../deploy/engines/published/httpPublished.ts'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { type Anvil, startAnvil } from '../../deploy/testing/startAnvil.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { type EventProgress, type EventState, eventStates } from '../../schemas/event.ts'
import { deriveSecret, keccakOfText, toHex } from '../../schemas/hash.ts'
import { type Address, type EventId, eventId, type MeterId, meterId } from '../../schemas/ids.ts'
import type { Chain } from '../../schemas/ports/chain.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { type EpochMs, localToEpochMs } from '../../schemas/time.ts'
import { toJson } from '../../schemas/units.ts'
import type { EventDraft } from '../programme/commands.ts'
import { type RunningServing, runServing } from '../run.ts'
import type { PublishedSettlement } from '../settlement/published.ts'
import { openEventStore } from '../store/eventStore.ts'
import type { ValidatorVerdict } from '../store/validatorVerdict.ts'
import { runValidator } from '../validate/runValidator.ts'

/** Real ClickHouse, real anvil, four validators over HTTP, and a clock that tests move. */
const zone = 'Europe/London'
export const stepMs = 1_800_000
export const hourMs = 3_600_000
const master = deriveSecret(new Uint8Array(32), 'test')
const keyOf = (role: string) => toHex(deriveSecret(master, `key:${role}`))
export const meters = Array.from({ length: 6 }, (_, index) => meterId(`MAC00000${index}`))
export const controls = [meterId('MAC000008'), meterId('MAC000009')]
export const terms = {
  programme: 'test',
  version: 1,
  currency: 'GBP',
  priceMicrosPerKwh: 500_000n,
  penaltyMicrosPerKwh: 50_000n,
  orderPpm: 100_000,
  baselineMethod: 'caiso-10-in-10',
  bandWh: 1500,
  commitLeadS: 900,
  latenessS: 7200,
}

export const clock: Clock & { ms: EpochMs } = {
  ms: at('2013-02-11T00:00'),
  nowMs: () => clock.ms,
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
const logged: string[] = []
/** Forged inputs that a validator gets instead of the published ones, by its account. */
export const altered = new Map<string, (published: PublishedSettlement) => PublishedSettlement>()

export async function openHarness(): Promise<void> {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-serving-'))
  ;[clickhouse, anvil] = await Promise.all([startTestClickHouse(), startChain(0)])
  views = await openClickHouseViews({ url: clickhouse.url })
  accounts = await Promise.all(
    meters.map(async (_, index) => {
      const role = index < 4 ? `validator-${index}` : `home-${index}`
      return (await openSigner({ privateKey: keyOf(role) })).address
    }),
  )
  await enrol()
  await fillHistory()
  await startServing()
  api = await openValidatorApi()
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

export function at(stamp: string): EpochMs {
  return localToEpochMs(stamp, zone)
}

export function draftOf(id: string, start: string, end: string): EventDraft {
  const excludedDates = ['2013-02-11', '2013-02-13', '2013-02-15', '2013-02-19']
  return {
    id: eventId(id),
    terms,
    startMs: at(start),
    endMs: at(end),
    participants: meters,
    controls,
    excludedDates: excludedDates.filter((date) => date < start.slice(0, 10)),
    holidays: [],
  }
}

export async function playTo(draft: EventDraft, state: EventState): Promise<void> {
  await moveTo(Math.max(clock.ms, draft.startMs - 2 * hourMs))
  await serving.createEvent(draft)
  await moveTo(draft.startMs - 900_000)
  await until(draft.id, 'committed')
  await meter(draft, {})
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
  const end = performance.now() + 20_000
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

export function read<T>(contract: keyof ContractAddresses, method: string): Promise<T> {
  return chain.read<T>({ contract, method, args: [] })
}

function startChain(port: number): Promise<Anvil> {
  const options = { dir: path.join(dir, 'chain'), chainId: 31_337, timestampS: 1_360_000_000 }
  return startAnvil({ ...options, port })
}

/** kill -9: blocks since the last save are lost. */
export async function restartChain(): Promise<void> {
  process.kill(anvil.pid, 'SIGKILL')
  await anvil.exited
  anvil = await startChain(anvil.port)
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
    durableBlock: () => readDurableBlock(path.join(dir, 'chain')),
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
    say: (line) => logged.push(line),
  })
}

export async function restartServing(): Promise<void> {
  stop.abort()
  await serving.done
  await chain.close()
  await startServing()
}

export async function startValidators(indices: readonly number[]) {
  const ends = new AbortController()
  const running = await Promise.all(
    indices.map(async (index) => {
      const signer = await openSigner({ privateKey: keyOf(`validator-${index}`) })
      return startValidator(signer, ends.signal)
    }),
  )
  return {
    async stop() {
      ends.abort()
      await Promise.all(running.map(({ done }) => done))
    },
  }
}

function connectAs(signer: Signer) {
  return connectChain({
    url: anvil.url,
    signer,
    journal: memoryJournal(),
    artifacts: wattproofArtifacts,
    followClock: clock,
    durableBlock: () => readDurableBlock(path.join(dir, 'chain')),
  })
}

export async function objectAs(index: number, period: number): Promise<void> {
  const signer = await openSigner({ privateKey: keyOf(`validator-${index}`) })
  const validator = openEthersChain(await connectAs(signer), addresses)
  const args = [period, keccakOfText('a result of its own')]
  const call = { contract: 'SettlementAnchor', method: 'object', args } as const
  await validator.send({ ...call, once: `object ${period}` })
  await validator.close()
}

async function startValidator(signer: Signer, signal: AbortSignal) {
  const connected = await connectAs(signer)
  const { port } = api.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/${signer.address}/`
  const done = runValidator({
    chain: openEthersChain(connected, addresses),
    signer,
    client: openHttpPublished({ url, token: signer.address }),
    clock,
    signal,
    say: (line) => logged.push(`${signer.address}: ${line}`),
  })
  return { done }
}

/** The two routes of the API that validators use. The token is the validator's account. */
async function openValidatorApi(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const account = request.headers.authorization?.slice('Bearer '.length) ?? ''
    const [, period = '', what] = /anchors\/(\d+)\/(\w+)$/.exec(request.url ?? '') ?? []
    try {
      if (what === 'published') {
        const published = await publishedOf(Number(period))
        response.statusCode = published ? 200 : 404
        const shown = published && (altered.get(account)?.(published) ?? published)
        response.end(toJson(shown ?? {}))
        return
      }
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const verdict = JSON.parse(Buffer.concat(parts).toString()) as ValidatorVerdict
      await serving.addVerdict({ ...verdict, period: Number(period) })
      response.end('{}')
    } catch (error) {
      response.statusCode = 400
      response.end(JSON.stringify({ detail: sentenceOf(error) }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function publishedOf(period: number): Promise<PublishedSettlement | null> {
  for (const { event } of await store().events()) {
    const kept = await store().record(event.id, 0)
    if (kept?.record.period === period) return kept.record.published
  }
  return null
}

async function enrol(): Promise<void> {
  const row = (meter: MeterId, account: string) => {
    return { meter, version: 1, zone, group_id: 'g', interval_s: 1800, account }
  }
  await views.insert('meters', [
    ...meters.map((meter, index) => row(meter, accounts[index]!)),
    ...controls.map((meter) => row(meter, '')),
  ])
}

/** 300 Wh in every half-hour of January and February; `meter` writes the readings of events. */
async function fillHistory(): Promise<void> {
  const starts: EpochMs[] = []
  for (let ms = at('2013-01-05T00:00'); ms < at('2013-02-21T17:00'); ms += stepMs) starts.push(ms)
  const rows = [...meters, ...controls].flatMap((each) =>
    starts.map((ms) => readingRow(each, ms, { energy: 300_000, revision: 0 })),
  )
  await views.insert('readings', rows)
}

/** Readings of an event: a fifth less than usual for all meters but the last. */
export async function meter(draft: EventDraft, options: { without?: MeterId }): Promise<void> {
  const counted = meters.filter((each) => each !== options.without)
  const rows: InsertRow<'readings'>[] = []
  const shown: InsertRow<'speed_deviation'>[] = []
  for (let ms = draft.startMs; ms < draft.endMs; ms += stepMs) {
    for (const each of counted) {
      const energy = each === meters.at(-1) ? 300_000 : 240_000
      rows.push(readingRow(each, ms, { energy, revision: 1 }))
      shown.push(speedRow(each, ms, energy))
    }
  }
  await views.insert('readings', rows)
  await views.insert('speed_deviation', shown)
  await views.insert(
    'watermarks',
    [0, 1].map((log_partition) => {
      return { log_partition, version: draft.endMs, watermark: draft.endMs }
    }),
  )
}

type Measured = { readonly energy: number; readonly revision: number }

function readingRow(each: MeterId, ms: EpochMs, { energy, revision }: Measured) {
  return {
    ...{ meter: each, start: ms, quality: 2, revision, energy_mwh: energy },
    ...{ power_w: null, reactive_var: null, duration_s: 1800 },
    ...{ log_partition: 0, log_offset: 0, log_index: 0 },
  }
}

function speedRow(each: MeterId, ms: EpochMs, energy: number) {
  return {
    ...{ meter: each, start: ms, version: 1, group_id: 'g', duration_s: 1800 },
    ...{ energy_mwh: energy, baseline_mwh: 300_000, ratio: 1, deviation_w: 0 },
    ...{ z: null, rolling_wh: null, is_exception: false },
  }
}
