import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Address, Hex32 } from '../../../schemas/ids.ts'
import { moneyMicros } from '../../../schemas/units.ts'
import { digestOfHeader } from '../../../serving/settlement/digestOfHeader.ts'
import { recoverSigner } from '../../../serving/settlement/recoverSigner.ts'
import { type Anvil, startAnvil } from '../../testing/startAnvil.ts'
import { deployContracts, vaultBalance } from './deployContracts.ts'
import { connectChain, openEthersChain } from './ethersChain.ts'
import { wattproofArtifacts } from './ethersChainArtifacts.ts'
import { type Journal, memoryJournal } from './ethersChainJournal.ts'
import { headerDigest, openSigner } from './ethersChainSigner.ts'

const nowS = 1_360_000_000
const clock = { nowMs: () => nowS * 1000, sleep: async () => {} }
const word = (digits: string) => `0x${digits.repeat(32)}` as Hex32
const founders = ['aa', 'bb', 'cc', 'dd'].map((digits) => ({
  address: `0x${digits.repeat(20)}` as Address,
  stakeMicros: 100_000,
}))
const options = {
  guardian: `0x${'ee'.repeat(20)}` as Address,
  founders,
  genesisPeriods: 8,
  challengeWindowS: 3600,
  unbondingS: 7200,
  fundMicros: 1_000_000_000,
}

let dir: string
let anvil: Anvil

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-deploy-'))
  anvil = await startAnvil({ dir, port: 0, chainId: 31_337, timestampS: nowS })
})

afterAll(async () => {
  await anvil.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('all contracts are deployed, connected and funded; a second run changes nothing', async () => {
  const journal = memoryJournal()
  const connected = await connect(word('11'), journal)
  const addresses = await deployContracts(connected, options)
  const chain = openEthersChain(connected, addresses)
  const read = (contract: keyof typeof addresses, method: string) =>
    chain.read({ contract, method, args: [] })
  expect(await read('ValidatorRegistry', 'anchor')).toBe(addresses.SettlementAnchor)
  expect(await read('ValidatorRegistry', 'founderCount')).toBe(4n)
  expect(await read('IncentiveVault', 'registry')).toBe(addresses.ValidatorRegistry)
  expect(await read('SettlementNotifier', 'anchor')).toBe(addresses.SettlementAnchor)
  expect(await read('SettlementNotifier', 'subscribers')).toEqual([addresses.SettlementLedger])
  expect(await vaultBalance(connected, addresses)).toBe(1_000_000_000n)

  const { number } = await chain.head()
  const again = await connect(word('11'), journal)
  expect(await deployContracts(again, { ...options, challengeWindowS: 60 })).toEqual(addresses)
  expect((await chain.head()).number).toBe(number)
})

test('after a kill at any step, the next start finishes the deployment', async () => {
  const kept = memoryJournal()
  const whole = await deployContracts(await connect(word('22'), memoryJournal()), options)
  for (let step = 1; ; step++) {
    const connected = await connect(word('33'), dying(kept))
    const outcome = await deployContracts(connected, options).catch(() => null)
    if (outcome === null) continue
    expect(Object.keys(outcome)).toEqual(Object.keys(whole))
    expect(await vaultBalance(await connect(word('33'), kept), outcome)).toBe(1_000_000_000n)
    // Seven contracts and five calls: each start got one further.
    expect(step).toBe(7 + 5 + 1)
    return
  }
})

test('a header is signed with the digest that the anchor and our own hash agree on', async () => {
  const signer = await openSigner({ privateKey: word('44') })
  const header = {
    eventHash: word('01'),
    revision: 1,
    root: word('02'),
    inputsRoot: word('03'),
    baselinesRoot: word('04'),
    speedRoot: word('05'),
    leafCount: 12,
    totalPay: moneyMicros(5n),
    totalFee: moneyMicros(6n),
    termsHash: word('07'),
  }
  const place = { chainId: 31_337, anchor: founders[0]!.address, settlementNumber: 3 }
  const signature = await signer.signHeader(place, header)
  const digest = digestOfHeader({ ...place, header })
  expect(headerDigest(place, header)).toBe(digest)
  expect(recoverSigner(digest, signature)).toBe(signer.address)
  const other = digestOfHeader({ ...place, settlementNumber: 4, header })
  expect(recoverSigner(other, signature)).not.toBe(signer.address)
})

async function connect(privateKey: Hex32, journal: Journal) {
  return connectChain({
    url: anvil.url,
    signer: await openSigner({ privateKey }),
    journal,
    artifacts: wattproofArtifacts,
    followClock: clock,
  })
}

/** Journals one new transaction and is killed before it is broadcast. */
function dying(journal: Journal): Journal {
  return {
    load: (sender) => journal.load(sender),
    async write(row) {
      await journal.write(row)
      if (row.version === 1) throw new Error('killed here')
    },
  }
}
