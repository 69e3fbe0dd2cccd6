import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDurableBlock } from '../deploy/embedded/anvilState.ts'
import { type ContractAddresses, deployContracts } from '../deploy/engines/chain/deployContracts.ts'
import { connectChain, openEthersChain } from '../deploy/engines/chain/ethersChain.ts'
import { wattproofArtifacts } from '../deploy/engines/chain/ethersChainArtifacts.ts'
import { memoryJournal, viewsJournal } from '../deploy/engines/chain/ethersChainJournal.ts'
import { openSigner, type Signer } from '../deploy/engines/chain/ethersChainSigner.ts'
import { openHttpPublished } from '../deploy/engines/published/httpPublished.ts'
import { openClickHouseViews } from '../deploy/engines/views/clickhouseViews.ts'
import { type Anvil, startAnvil } from '../deploy/testing/startAnvil.ts'
import { startTestClickHouse, type TestClickHouse } from '../deploy/testing/testClickHouse.ts'
import { InvalidArgumentError, sentenceOf } from '../schemas/errors/wattproofError.ts'
import { type EventProgress, type EventState, eventStates } from '../schemas/event.ts'
import { deriveSecret, keccakOfText, toHex } from '../schemas/hash.ts'
import { type Address, type EventId, eventId, type MeterId, meterId } from '../schemas/ids.ts'
import type { Chain } from '../schemas/ports/chain.ts'
import type { Clock } from '../schemas/ports/clock.ts'
import type { Views } from '../schemas/ports/views.ts'
import type { InsertRow } from '../schemas/sql/rowSets.ts'
import { type EpochMs, localToEpochMs } from '../schemas/time.ts'
import { toJson } from '../schemas/units.ts'
import { readInfo } from './anchor/readAnchor.ts'
import type { EventDraft } from './programme/commands.ts'
import { type RunningServing, runServing } from './run.ts'
import { makeBundle } from './settlement/bundle/makeBundle.ts'
import type { PublishedSettlement } from './settlement/published.ts'
import { recoverSigner } from './settlement/recoverSigner.ts'
import { openEventStore } from './store/eventStore.ts'
import type { ValidatorVerdict } from './store/validatorVerdict.ts'
import { runValidator } from './validate/runValidator.ts'
import { verifyBundleOnChain } from './validate/verifyBundleOnChain.ts'

/** One house: real ClickHouse, real anvil, four validators over HTTP, a clock moved by hand. */
const zone = 'Europe/London'
const stepMs = 1_800_000
const hourMs = 3_600_000
const master = deriveSecret(new Uint8Array(32), 'test')
const keyOf = (role: string) => toHex(deriveSecret(master, `key:${role}`))
const meters = Array.from({ length: 6 }, (_, index) => meterId(`MAC00000${index}`))
const controls = [meterId('MAC000008'), meterId('MAC000009')]
const terms = {
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

const clock: Clock & { ms: EpochMs } = {
  ms: at('2013-02-11T00:00'),
  nowMs: () => clock.ms,
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal ? { signal } : {}),
}

let dir: string
let anvil: Anvil
let clickhouse: TestClickHouse
let views: Views
let chain: Chain
let addresses: ContractAddresses
let serving: RunningServing
let stop = new AbortController()
let api: Server
let accounts: Address[] = []
const said: string[] = []
/** What a validator is shown instead of the truth, by its account. */
const altered = new Map<string, (published: PublishedSettlement) => PublishedSettlement>()

beforeAll(async () => {
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
  await startHouse()
  api = await openDoor()
})

afterAll(async () => {
  stop.abort()
  await serving?.done
  api?.close()
  await views?.close()
  await Promise.all([clickhouse?.stop(), anvil?.stop()])
  rmSync(dir, { recursive: true, force: true })
})

test('an event goes from its announcement to claims that are paid and proved', async () => {
  const draft = draftOf('high-2013-02-11', '2013-02-11T17:00', '2013-02-11T19:00')
  const created = await serving.createEvent(draft)
  expect(created.state).toBe('announced')
  expect(await serving.createEvent(draft)).toEqual(created)
  const changed = { ...draft, endMs: draft.endMs + stepMs }
  await expect(serving.createEvent(changed)).rejects.toThrow(/announced with other terms/)
  await expect(serving.claim(draft.id)).rejects.toThrow(/is announced; .* once it is final/)

  await moveTo(draft.startMs - 900_000)
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
  // 300 Wh of baseline, a tenth ordered, a fifth delivered: 30 Wh in each of 4 half-hours. The
  // third home's readings are late; the last home delivers nothing.
  expect(ended.speedDeliveredMwh).toBe(4 * 4 * 30_000)
  await meter(draft, {})

  const validators = await startValidators([0, 1, 2])
  await moveTo(draft.endMs + 2 * hourMs)
  const attested = await until(draft.id, 'attested')
  expect(attested.deliveredMwh).toBe(5 * 4 * 30_000)
  expect(attested.deficiencyMwh).toBe(4 * 30_000)
  expect(attested.orderedMwh).toBe(6 * 4 * 30_000)
  expect(attested.verifications.map(({ method }) => method)).toEqual([
    'caiso-10-in-10',
    'control-group',
  ])
  await sleep(300)
  expect((await progressOf(draft.id)).state).toBe('attested')
  expect((await readInfo(chain, 1)).stakeFor).toBe(300_000n)
  // One that was down at the quorum is counted too, while the challenge window is open.
  const late = await startValidators([3])
  await waitFor(async () => (await readInfo(chain, 1)).stakeFor === 400_000n, 'the fourth')
  expect((await progressOf(draft.id)).state).toBe('attested')

  await moveTo(draft.endMs + 4 * hourMs)
  await until(draft.id, 'final')
  const foretold = await serving.claim(draft.id, { isDryRun: true })
  expect(await read('IncentiveVault', 'paidOut')).toBe(0n)
  const report = await serving.claim(draft.id)
  expect(foretold).toEqual({ ...report, gasUsed: 0 })
  await until(draft.id, 'paid')
  await Promise.all([validators.stop(), late.stop()])

  // 0.12 kWh at 0.50 is 0.06 for each of five homes; the sixth pays 0.006 and is paid nothing.
  expect(report.sumMicros).toBe(5n * 60_000n)
  expect(report.claims).toHaveLength(5)
  expect(report.claims.filter(({ staked }) => staked)).toHaveLength(4)
  expect(await read('IncentiveVault', 'paidOut')).toBe(await read('IncentiveVault', 'owed'))
  expect((await serving.claim(draft.id)).claims).toEqual([])

  await checkBundles(draft.id)
})

test('under two thirds of stake nothing is final; who is shown another leaf refuses', async () => {
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
  const period = Number(await read<bigint>('SettlementAnchor', 'periodCount'))
  const verdicts = await waitFor(async () => {
    const found = await store().verdicts(period)
    return found.length === 3 ? found : null
  })
  const refusal = verdicts.find(({ validator }) => validator === accounts[2]!)
  expect(refusal?.refusal).toMatch(/^Line 1: /)
  expect(verdicts.filter(({ signature }) => signature !== null)).toHaveLength(2)
  // Stake that was earned in the first event counts in the second.
  const earned = { contract: 'ValidatorRegistry', method: 'totalEarnedAt', args: [period] } as const
  expect(await chain.read(earned)).toBe(240_000n)

  await moveTo(draft.endMs + 48 * hourMs)
  await sleep(1_000)
  expect((await progressOf(draft.id)).state).toBe('proposed')
  const finalize = { contract: 'SettlementAnchor', method: 'finalize', args: [period] } as const
  await expect(chain.send({ ...finalize, once: 'too early' })).rejects.toThrow(/WrongState/)

  // A later event waits until this one is final: entitlements are cumulative.
  const next = draftOf('high-2013-02-15', '2013-02-15T20:00', '2013-02-15T21:00')
  await playTo(next, 'ended')
  await moveTo(next.endMs + 2 * hourMs)
  await waitFor(async () =>
    /once high-2013-02-13 is final/.test((await progressOf(next.id)).problem ?? ''),
  )

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
  // Cumulative: the later event's claims paid what the earlier one left.
  await until(draft.id, 'paid')
  await until(next.id, 'paid')
  await all.stop()
  expect(await read('IncentiveVault', 'paidOut')).toBe(await read('IncentiveVault', 'owed'))
})

test('restarted between all steps, with a chain that forgets: one settlement', async () => {
  const draft = draftOf('high-2013-02-19', '2013-02-19T17:00', '2013-02-19T18:00')
  await moveTo(draft.startMs - 2 * hourMs)
  await serving.createEvent(draft)
  await restartHouse()
  await moveTo(draft.startMs - 900_000)
  await until(draft.id, 'committed')
  await restartHouse()
  await meter(draft, {})
  await moveTo(draft.startMs)
  await until(draft.id, 'running')
  await moveTo(draft.endMs + hourMs)
  await restartHouse()
  await until(draft.id, 'ended')
  const validators = await startValidators([0, 1, 2, 3])
  await moveTo(draft.endMs + 2 * hourMs)
  await until(draft.id, 'proposed')
  await restartHouse()
  await until(draft.id, 'attested')
  await restartChain()
  await moveTo(draft.endMs + 4 * hourMs)
  await until(draft.id, 'final')
  await restartChain()
  await restartHouse()
  await waitFor(() => serving.claim(draft.id).catch(() => null))
  await until(draft.id, 'paid')
  await validators.stop()
  const period = { contract: 'SettlementAnchor', method: 'periodOf' } as const
  const hash = keccakOfText(draft.id)
  expect(await chain.read({ ...period, args: [hash, 1] })).toBe(4n)
  expect((await readInfo(chain, 4)).state).toBe('final')
  expect(await read('SettlementAnchor', 'periodCount')).toBe(4n)
  expect(await read('IncentiveVault', 'paidOut')).toBe(await read('IncentiveVault', 'owed'))
})

test('what validators reject is paid to nobody, and events after it go on', async () => {
  const draft = draftOf('high-2013-02-20', '2013-02-20T12:00', '2013-02-20T13:00')
  await playTo(draft, 'ended')
  await moveTo(draft.endMs + 2 * hourMs)
  await until(draft.id, 'proposed')
  const period = Number(await read<bigint>('SettlementAnchor', 'periodCount'))
  // Two of four hold more than a third.
  for (const index of [0, 1]) await objectAs(index, period)
  await waitFor(async () => /objected/.test((await progressOf(draft.id)).problem ?? ''))
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

test('baselines that missed the start are said, and nothing is settled on others', async () => {
  const draft = draftOf('high-2013-02-21', '2013-02-21T17:00', '2013-02-21T18:00')
  await moveTo(draft.startMs - 2 * hourMs)
  await serving.createEvent(draft)
  stop.abort()
  await serving.done
  await moveTo(draft.startMs)
  await startHouse()
  const progress = await waitFor(async () => {
    const found = await progressOf(draft.id)
    return found.problem ? found : null
  })
  expect(progress.state).toBe('announced')
  expect(progress.problem).toMatch(/not on the chain before it started/)
})

test('drafts that cannot be settled are refused with what is wrong', async () => {
  const draft = draftOf('x', '2013-03-01T17:00', '2013-03-01T18:00')
  const refuse = (change: Partial<EventDraft>, sentence: RegExp) =>
    expect(serving.createEvent({ ...draft, ...change })).rejects.toThrow(sentence)
  await refuse({ participants: [meterId('unknown')] }, /not enrolled/)
  await refuse({ participants: [controls[0]!], controls: [] }, /no account/)
  await refuse({ participants: [meters[0]!, meters[0]!] }, /named twice/)
  await refuse({ startMs: draft.startMs + 1 }, /begins and ends with an interval/)
  await refuse({ startMs: at('2013-01-05T10:00'), endMs: at('2013-01-05T11:00') }, /is past/)
  await refuse({ terms: { ...terms, baselineMethod: 'guess' } }, /no baseline method named guess/)
  const verdict = { period: 1, validator: accounts[0]!, refusal: null }
  const signature = `0x${'11'.repeat(65)}` as const
  await expect(serving.addVerdict({ ...verdict, signature })).rejects.toThrow(/no signature/)
  const late = { ...verdict, period: 99, signature }
  await expect(serving.addVerdict(late)).rejects.toBeInstanceOf(InvalidArgumentError)
})

type Altered = { line: { pay: bigint } }

function at(stamp: string): EpochMs {
  return localToEpochMs(stamp, zone)
}

function draftOf(id: string, start: string, end: string): EventDraft {
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

async function playTo(draft: EventDraft, state: EventState): Promise<void> {
  await moveTo(Math.max(clock.ms, draft.startMs - 2 * hourMs))
  await serving.createEvent(draft)
  await moveTo(draft.startMs - 900_000)
  await until(draft.id, 'committed')
  await meter(draft, {})
  await moveTo(draft.endMs + hourMs)
  await until(draft.id, state)
}

async function moveTo(ms: EpochMs): Promise<void> {
  clock.ms = Math.max(clock.ms, ms)
  serving.nudge()
}

async function until(id: EventId, state: EventState): Promise<EventProgress> {
  return waitFor(async () => {
    const progress = await progressOf(id)
    const isThere = eventStates.indexOf(progress.state) >= eventStates.indexOf(state)
    return isThere ? progress : null
  }, `${id} ${state}`)
}

async function progressOf(id: EventId): Promise<EventProgress> {
  return (await store().events()).find(({ event }) => event.id === id)!
}

async function waitFor<T>(look: () => Promise<T | null | false>, what = ''): Promise<T> {
  const end = performance.now() + 20_000
  for (;;) {
    const found = await look()
    if (found) return found
    if (performance.now() > end)
      throw new Error(`${what} did not come: ${said.slice(-12).join('\n')}`)
    await sleep(50)
  }
}

function store() {
  return openEventStore(views)
}

function read<T>(contract: keyof ContractAddresses, method: string): Promise<T> {
  return chain.read<T>({ contract, method, args: [] })
}

function startChain(port: number): Promise<Anvil> {
  const options = { dir: path.join(dir, 'chain'), chainId: 31_337, timestampS: 1_360_000_000 }
  return startAnvil({ ...options, port })
}

/** kill -9: what is younger than the last save is forgotten. */
async function restartChain(): Promise<void> {
  process.kill(anvil.pid, 'SIGKILL')
  await anvil.exited
  anvil = await startChain(anvil.port)
}

async function startHouse(): Promise<void> {
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
    say: (line) => said.push(line),
  })
}

async function restartHouse(): Promise<void> {
  stop.abort()
  await serving.done
  await chain.close()
  await startHouse()
}

async function startValidators(indices: readonly number[]) {
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

async function objectAs(index: number, period: number): Promise<void> {
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
    say: (line) => said.push(`${signer.address}: ${line}`),
  })
  return { done }
}

/** The two routes of the house's door that validators use. The token says who asks. */
async function openDoor(): Promise<Server> {
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

/** The subscriber was told, and each member's proof holds on the chain, signed by all four. */
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

/** 300 Wh in every half-hour of January and February, but where `meter` says less. */
async function fillHistory(): Promise<void> {
  const starts: EpochMs[] = []
  for (let ms = at('2013-01-05T00:00'); ms < at('2013-02-21T17:00'); ms += stepMs) starts.push(ms)
  const rows = [...meters, ...controls].flatMap((each) =>
    starts.map((ms) => readingRow(each, ms, { energy: 300_000, revision: 0 })),
  )
  await views.insert('readings', rows)
}

/** Readings of an event: a fifth less, but for the last home, which uses as ever. */
async function meter(draft: EventDraft, options: { without?: MeterId }): Promise<void> {
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

type Said = { readonly energy: number; readonly revision: number }

function readingRow(each: MeterId, ms: EpochMs, { energy, revision }: Said) {
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
