import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keccakOfText } from '../../../schemas/hash.ts'
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
const clock = {
  nowMs: () => nowS * 1000,
  elapsedMs: () => performance.now(),
  sleep: async () => {},
}
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
  anvil = await startAnvil({ dir, chainId: 31_337, timestampS: nowS })
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

test.each([1, 3, 4, 7, 9, 12])('killed at transaction %i, it is finished next time', async (at) => {
  const kept = memoryJournal()
  const key = keccakOfText(`killed at transaction ${at}`)
  const killed = await connect(key, dying(kept, at))
  await expect(deployContracts(killed, options)).rejects.toThrow('killed here')
  killed.transactions.close()
  const next = await connect(key, kept)
  const addresses = await deployContracts(next, options)
  expect(new Set(Object.values(addresses)).size).toBe(7)
  expect(await vaultBalance(next, addresses)).toBe(1_000_000_000n)
  const rows = await kept.load(next.transactions.sender)
  expect(rows.map((row) => row.state)).toEqual(Array(7 + 5).fill('mined'))
})

test('transactions that need no address of another are not waited for one by one', async () => {
  const journal = memoryJournal()
  const waits: number[] = []
  let signed = 0
  const counting: Journal = {
    load: (sender) => journal.load(sender),
    async write(row) {
      if (row.version === 1) signed++
      else if (row.state === 'mined' && waits.at(-1) !== signed) waits.push(signed)
      await journal.write(row)
    },
  }
  await deployContracts(await connect(word('55'), counting), options)
  expect(waits.at(-1)).toBe(12)
  // Three contracts, three that name them, the anchor, and five calls.
  expect(waits.filter((count) => [3, 6, 7, 12].includes(count))).toEqual([3, 6, 7, 12])
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

/** Killed when it has journaled so many new transactions, before the last is broadcast. */
function dying(journal: Journal, transactions: number): Journal {
  let signed = 0
  return {
    load: (sender) => journal.load(sender),
    async write(row) {
      if (signed < transactions) await journal.write(row)
      if (row.version === 1) signed++
      if (signed >= transactions) throw new Error('killed here')
    },
  }
}
