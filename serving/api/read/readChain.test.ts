import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { deployContracts } from '../../../deploy/engines/chain/deployContracts.ts'
import { connectChain, openEthersChain } from '../../../deploy/engines/chain/ethersChain.ts'
import { wattproofArtifacts } from '../../../deploy/engines/chain/ethersChainArtifacts.ts'
import { viewsJournal } from '../../../deploy/engines/chain/ethersChainJournal.ts'
import { openSigner, type Signer } from '../../../deploy/engines/chain/ethersChainSigner.ts'
import { openClickHouseViews } from '../../../deploy/engines/views/clickhouseViews.ts'
import { type Anvil, startAnvil } from '../../../deploy/testing/startAnvil.ts'
import { bearer, openTestApi, standingClock } from '../../../deploy/testing/testApi.ts'
import { startTestClickHouse, type TestClickHouse } from '../../../deploy/testing/testClickHouse.ts'
import { deriveSecret, keccakOfText, toHex } from '../../../schemas/hash.ts'
import type { Chain } from '../../../schemas/ports/chain.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { firstProgress } from '../../programme/announceEvent.ts'
import { buildSettlement } from '../../settlement/buildSettlement.ts'
import { exampleEvent, exampleInputs } from '../../settlement/testing/exampleEvent.ts'
import type { Anchors, Validators } from '../../shapes/chain.ts'
import type { Status } from '../../shapes/status.ts'
import { openEventStore } from '../../store/eventStore.ts'
import { createEventReader } from '../../store/readEvents.ts'
import { apiLimits } from '../http/limits.ts'
import { createUpdateReader } from '../stream/pollUpdates.ts'
import { createChainReader } from './readChain.ts'

/** Validators and anchors as the API shows them, from real contracts on a real chain. */
const { id, startMs } = exampleEvent
const { header } = buildSettlement(exampleInputs())
const keyOf = (role: string) => toHex(deriveSecret(new Uint8Array(32).fill(3), role))

let dir: string
let clickhouse: TestClickHouse
let anvil: Anvil
let views: Views
let chain: Chain
let app: FastifyInstance
let founders: Signer[]

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-chain-routes-'))
  const place = { dir: path.join(dir, 'chain'), chainId: 31_337 }
  // A week before the event: baselines can only be committed before its start.
  ;[clickhouse, anvil] = await Promise.all([
    startTestClickHouse(),
    startAnvil({ ...place, timestampS: startMs / 1000 - 7 * 86_400 }),
  ])
  views = await openClickHouseViews({ url: clickhouse.url })
  founders = await Promise.all(
    [0, 1, 2, 3].map((index) => openSigner({ privateKey: keyOf(`validator-${index}`) })),
  )
  founders.sort((left, right) => (left.address < right.address ? -1 : 1))
  const clock = standingClock(startMs - 6 * 86_400_000)
  const operator = await openSigner({ privateKey: keyOf('operator') })
  const connected = await connectChain({
    ...{ url: anvil.url, signer: operator, journal: viewsJournal(views) },
    ...{ artifacts: wattproofArtifacts, followClock: clock },
  })
  const addresses = await deployContracts(connected, {
    ...{ guardian: operator.address, genesisPeriods: 8, challengeWindowS: 3600 },
    ...{ unbondingS: 7200, fundMicros: 1_000_000_000 },
    founders: founders.map(({ address }, index) => ({
      address,
      stakeMicros: index === 0 ? 700_000 : 100_000,
    })),
  })
  chain = openEthersChain(connected, addresses)
  app = await openTestApi({ views, chain, clock })
})
afterAll(async () => {
  await app?.close()
  await chain?.close()
  await views?.close()
  await Promise.all([clickhouse?.stop(), anvil?.stop()])
  rmSync(dir, { recursive: true, force: true })
})

test('validators are listed with stake, share and the quorum', async () => {
  const answer = await read<Validators>('/validators')
  expect(answer.validators[0]).toEqual({
    validator: founders[0]!.address,
    earnedMicros: 0,
    genesisMicros: 700_000,
    stakeMicros: 700_000,
    share: 0.7,
    isFounder: true,
  })
  // Two thirds of 1,000,000, rounded up.
  expect(answer).toMatchObject({ totalMicros: 1_000_000, earnedShare: 0, quorumMicros: 666_667 })
})

test('a settlement is described from proposal to attestation, with all verdicts', async () => {
  expect((await read<Anchors>('/anchors')).anchors).toEqual([])
  await openEventStore(views).putEvent(firstProgress(exampleEvent))
  await send('BaselineCommitment', 'commit', [
    keccakOfText(id),
    startMs / 1000,
    header.baselinesRoot,
  ])
  await send('SettlementAnchor', 'propose', [header])
  const proposed = await readNewest((anchor) => anchor.transactions.length > 0)
  expect(proposed).toMatchObject({
    period: 1,
    state: 'proposed',
    eventId: id,
    root: header.root,
    leafCount: 5,
    totalPayMicros: Number(header.totalPay),
    stakeForMicros: 0,
    stakeTotalMicros: 1_000_000,
    attested: null,
  })
  expect(proposed.transactions).toMatchObject([{ event: 'Proposed', gasUsed: expect.any(Number) }])

  const { contracts, chainId } = await chain.identity()
  const at = { chainId, anchor: contracts.SettlementAnchor, settlementNumber: 1 }
  const signature = await founders[0]!.signHeader(at, header)
  const store = openEventStore(views)
  const refusal = 'Line 3: pay is stated as 5 and recomputes to 4.'
  const [first, second] = founders
  await store.putVerdict({ period: 1, validator: first!.address, signature, refusal: null })
  await store.putVerdict({ period: 1, validator: second!.address, signature: null, refusal })
  await send('SettlementAnchor', 'attest', [1, [signature]])

  const attested = await readNewest((anchor) => anchor.state === 'attested', bearer)
  expect(attested.stakeForMicros).toBe(700_000)
  expect(attested.challengeEnds).not.toBeNull()
  const byValidator = Object.fromEntries(
    attested.attestations.map((each) => [each.validator, each]),
  )
  expect(byValidator[first!.address]).toMatchObject({ verdict: 'signed', isOnChain: true })
  expect(byValidator[second!.address]).toMatchObject({
    verdict: 'refused',
    refusal,
    isOnChain: false,
  })
  expect(byValidator[founders[2]!.address]).toMatchObject({ verdict: null, stakeMicros: 100_000 })
  const bare = await readNewest((anchor) => anchor.state === 'attested')
  const refused = bare.attestations.find((each) => each.validator === second!.address)
  expect(refused?.verdict).toBe('refused')
  expect(JSON.stringify(bare)).not.toContain('Line 3')
  const rows = await read<{ rows: Record<string, unknown>[] }>('/views/attestations')
  expect(rows.rows).toHaveLength(2)
  expect(JSON.stringify(rows)).not.toContain('Line 3')
  const answer = await read<{ rows: Record<string, unknown>[] }>('/views/attestations', bearer)
  expect(answer.rows).toContainEqual(expect.objectContaining({ refusal }))
  expect(attested.transactions.map(({ event }) => event).sort()).toEqual([
    'Attested',
    'Proposed',
    'QuorumReached',
  ])
})

test('the stream shows why a validator refuses with the token only', async () => {
  const events = createEventReader(views)
  const updates = createUpdateReader({
    ...{ views, clock: standingClock(startMs), limits: apiLimits },
    events,
    chainReader: createChainReader({ chain, views, events }, apiLimits),
    readStatus: async () => ({ watermark: null }) as Status,
  })
  await updates.read()
  const refusal = 'Line 4: baseline: intervals is stated as [{"baselineMwh":410000'
  const validator = founders[2]!.address
  await openEventStore(views).putVerdict({ period: 1, validator, signature: null, refusal })
  const anchors = await vi.waitFor(
    async () => {
      const answer = (await updates.read()).find(({ topic }) => topic === 'anchors')
      if (!answer) throw new Error('No updates of the anchors.')
      return answer.updates
    },
    { timeout: 5_000, interval: 200 },
  )
  expect(JSON.stringify(anchors.open)).toContain('"verdict":"refused"')
  expect(JSON.stringify(anchors.open)).not.toContain('Line 4')
  expect(JSON.stringify(anchors.trusted)).toContain('Line 4')
})

async function read<T>(url: string, headers: Record<string, string> = {}): Promise<T> {
  const response = await app.inject({ url: `/api/v1${url}`, headers })
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${response.body}`)
  return response.json() as T
}

/** Answers of the chain are kept for half a second, so what has just been sent takes a moment. */
async function readNewest(
  isIt: (anchor: Anchors['anchors'][number]) => boolean,
  headers: Record<string, string> = {},
) {
  for (;;) {
    const [newest] = (await read<Anchors>('/anchors', headers)).anchors
    if (newest && isIt(newest)) return newest
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function send(
  contract: 'BaselineCommitment' | 'SettlementAnchor',
  method: string,
  args: unknown[],
) {
  return chain.send({ contract, method, args, once: `test ${method}` })
}
