import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Signer } from '../../deploy/engines/chain/ethersChainSigner.ts'
import { startTestChain, type TestChain, testSigner } from '../../deploy/testing/testChain.ts'
import { keccakOfText } from '../../schemas/hash.ts'
import type { Address, Hex32 } from '../../schemas/ids.ts'
import { type Header, headerTypes } from '../../schemas/settlement.ts'
import { toJson } from '../../schemas/units.ts'
import { buildSettlement } from '../settlement/buildSettlement.ts'
import { makeBundle } from '../settlement/bundle/makeBundle.ts'
import type { ProofBundle } from '../settlement/bundle/proofBundle.ts'
import { recoverSigner } from '../settlement/recoverSigner.ts'
import type { SettlementRecord } from '../settlement/settlementRecord.ts'
import { exampleEvent, exampleInputs, meters } from '../settlement/testing/exampleEvent.ts'
import { verifyBundleOnChain } from './verifyBundleOnChain.ts'

/** One settlement on a real chain, final, signed by three founders of three. */
const built = buildSettlement({ ...exampleInputs(), balances: new Map() })
let world: TestChain
let record: SettlementRecord
let bundle: ProofBundle
let whileProposed: string

beforeAll(async () => {
  const founders = await signersNamed('first', 'second', 'third')
  const addresses = founders.map(({ address }) => address)
  world = await startTestChain({ startMs: exampleEvent.startMs, founders: addresses })
  const settlementNumber = await world.propose(built)
  record = {
    format: 'wattproof-settlement-1',
    published: built.published,
    header: built.header,
    state: 'final',
    period: settlementNumber,
    chain: {
      chainId: 31_337,
      anchor: world.addresses.SettlementAnchor,
      vault: world.addresses.IncentiveVault,
      registry: world.addresses.ValidatorRegistry,
    },
    members: built.members,
    verdicts: await verdictsOf(founders, { settlementNumber, stake: 100_000n }),
  }
  bundle = makeBundle({ record, meter: meters[0]! })
  whileProposed = (await verify(bundle)).sentence
  await world.attest(
    settlementNumber,
    bundle.attestations.map(({ signature }) => signature),
  )
  await world.finalize(settlementNumber)
})

afterAll(() => world?.stop())

test('the sentence has finality, the stake that signed, and what is left to claim', async () => {
  expect(whileProposed).toBe('Invalid (chain): The chain has it proposed, not final.')
  // 160 Wh delivered at 0.672 a kWh; three of three founders.
  const pays = 'Valid: line 1 of 5 of high-2013-02-11 pays 0.10752 GBP; it is final, '
  const signed = 'signed with a stake of 0.30 of 0.30 GBP, '
  expect((await verify(bundle)).sentence).toBe(`${pays}${signed}0.10752 GBP to be claimed.`)
  const { index, account, entitled, detail } = claimOf(bundle)
  const claim = { period: bundle.period, index, account, entitled, detail }
  const args = [[{ ...claim, proof: bundle.proofs.settlement }]]
  const call = { contract: 'IncentiveVault', method: 'claimMany', args } as const
  await world.chain.send({ ...call, once: 'claim' })
  expect((await verify(bundle)).sentence).toBe(`${pays}${signed}all of it is claimed.`)
})

test('it verifies after JSON; unsigned, with the stake that the anchor counted', async () => {
  expect(await verify(JSON.parse(toJson(bundle)))).toMatchObject({ ok: true })
  const unsigned = await verify({ ...bundle, attestations: [] })
  expect(unsigned.sentence).toContain('a stake of 0.30 of 0.30')
})

test('without a trusted anchor, the sentence warns that the address is the bundle’s', async () => {
  const { ok, sentence } = await verify(bundle, { trustedAnchor: null })
  expect(ok).toBe(true)
  expect(sentence).toContain(`That ${bundle.chain?.anchor} is the anchor is the bundle's own word`)
})

const fields = headerTypes.Settlement.map(({ name }) => name).filter((name) => name !== 'period')

test.each(fields)('a header with another %s is refused', async (name) => {
  const header = { ...bundle.header, [name]: otherThan(bundle.header[name as keyof Header]) }
  // Unsigned, so that only the chain can detect it.
  const { ok, checks } = await verify({ ...bundle, header, attestations: [] })
  const found = checks.find((each) => each.name === 'header')
  expect(ok).toBe(false)
  expect(found).toMatchObject({ ok: false, sentence: expect.stringContaining(`: ${name}.`) })
})

test('keys without stake are not validators', async () => {
  const invented = await signersNamed('made up', 'so is this', 'and this', 'and this one')
  const verdicts = await verdictsOf(invented, { settlementNumber: record.period!, stake: 100_000n })
  const forged = makeBundle({ record: { ...record, verdicts }, meter: meters[0]! })
  const { ok, checks, sentence } = await verify(forged)
  expect(ok).toBe(false)
  expect(sentence).toMatch(/^Invalid \(stake\): 0x\w+ signed and has no stake in settlement 1\.$/)
  const refusal = checks.find((each) => !each.ok)?.refusal
  expect(refusal).toMatchObject({ code: 'no-stake', settlementNumber: 1 })
})

const unknown = `0x${'de'.repeat(20)}` as Address

test.each<[string, (given: ProofBundle) => unknown, RegExp]>([
  ['no chain', (given) => ({ ...given, period: null, attestations: [] }), /\(chain\): It names no/],
  [
    'another settlement number',
    (given) => ({ ...given, period: 2, attestations: [] }),
    /has no settlement 2/,
  ],
  [
    'more stake than there is',
    (given) => ({
      ...given,
      attestations: given.attestations.map((each) => ({ ...each, stake: 10_000_000n })),
    }),
    /\(stake\): The stake of 0x\w+ is 0\.10, not as stated/,
  ],
  [
    'another chain',
    (given) => at(given, { chainId: 1 }),
    /\(chain\): It is about chain 1; .*31337/,
  ],
  ['another anchor', (given) => at(given, { anchor: unknown }), /\(chain\): .*the one to trust is/],
  [
    'another vault',
    (given) => at(given, { vault: unknown }),
    /\(vault\): The vault of this anchor/,
  ],
  ['another registry', (given) => at(given, { registry: unknown }), /\(vault\): The registry/],
])('%s is refused', async (_, change, sentence) => {
  const verdict = await verify(change(bundle))
  expect(verdict.ok).toBe(false)
  expect(verdict.sentence).toMatch(sentence)
})

test.each<[string, object, RegExp]>([
  ['root', { root: `0x${'11'.repeat(32)}` }, /\(commitment\): The chain has other baselines/],
  ['startS', { startS: 2n ** 40n }, /\(commitment\): The baselines were committed for a start/],
  ['committedAtS', { committedAtS: 2n ** 32n }, /\(commitment\): .*after the start/],
])('baselines that are committed with another %s are refused', async (_, other, sentence) => {
  const read: TestChain['read'] = async (call, address) => {
    const answer = await world.read(call, address)
    return call.method === 'commitmentOf' ? { ...(answer as object), ...other } : answer
  }
  expect((await verify(bundle, { read })).sentence).toMatch(sentence)
})

test('an address that is not an anchor is reported', async () => {
  for (const anchor of [unknown, world.addresses.ProgrammeToken]) {
    const { sentence } = await verify(at(bundle, { anchor }), { trustedAnchor: null })
    expect(sentence).toMatch(/\(chain\): What is at 0x\w+ does not answer as our anchor/)
  }
})

type Options = Parameters<typeof verifyBundleOnChain>[1]

function verify(given: unknown, options: Partial<Options> = {}) {
  return verifyBundleOnChain(given, {
    recoverSigner,
    read: world.read,
    readChainId: async () => (await world.chain.identity()).chainId,
    trustedAnchor: world.addresses.SettlementAnchor,
    ...options,
  })
}

/** Unsigned: signatures are bound to chain and anchor already. */
function at(given: ProofBundle, place: Partial<NonNullable<ProofBundle['chain']>>): ProofBundle {
  return { ...given, chain: { ...given.chain!, ...place }, attestations: [] }
}

function claimOf({ leaf: [index, account, entitled, detail] }: ProofBundle) {
  return { index, account, entitled, detail }
}

function otherThan(value: Header[keyof Header]) {
  if (typeof value === 'bigint') return value + 1n
  return typeof value === 'number' ? value + 1 : keccakOfText(value)
}

function signersNamed(...names: string[]): Promise<Signer[]> {
  return Promise.all(names.map(testSigner))
}

async function verdictsOf(
  signers: readonly Signer[],
  { settlementNumber, stake }: { settlementNumber: number; stake: bigint },
): Promise<SettlementRecord['verdicts']> {
  const place = {
    chainId: 31_337,
    anchor: world.addresses.SettlementAnchor,
    settlementNumber,
  }
  return Promise.all(
    signers.map(async ({ address, signHeader }) => {
      const signature = (await signHeader(place, built.header)) as Hex32
      return { validator: address, signature, refusal: null, stake }
    }),
  )
}
