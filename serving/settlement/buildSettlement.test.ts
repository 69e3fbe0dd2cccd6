import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DrEvent, Participant, Terms } from '../../schemas/event.ts'
import { settlementLeafTypes } from '../../schemas/leaf.ts'
import { toJson } from '../../schemas/units.ts'
import { buildBaselineCommitment } from './buildBaselineCommitment.ts'
import { type BuildSettlementParameters, buildSettlement } from './buildSettlement.ts'
import { buildSpeedCommitment } from './buildSpeedCommitment.ts'
import { parsePublishedSettlement } from './published.ts'
import {
  decodeSettlementRecord,
  encodeSettlementRecord,
  type SettlementRecord,
} from './settlementRecord.ts'
import { exampleInputs, meters } from './testing/exampleEvent.ts'

const inputs = exampleInputs()
const built = buildSettlement(inputs)

test('the root is the one OpenZeppelin builds from the words', () => {
  const words = built.leaves.map((each) => each.map(String))
  const theirs = StandardMerkleTree.of(words, [...settlementLeafTypes])
  expect(built.header.root).toBe(theirs.root)
  expect(built.proofs).toEqual(words.map((_, index) => theirs.getProof(index)))
})

test('header, lines and leaves agree', () => {
  const { header, settlement } = built
  expect(header).toMatchObject({ revision: 1, leafCount: 5, totalPay: 221_112n, totalFee: 41_800n })
  expect(settlement.lines.at(-1)!.payPrefix).toBe(header.totalPay)
  expect(built.members.map((each) => each.meter)).toEqual(meters)
})

test('the roots of baselines and live figures equal those committed before', () => {
  expect(buildBaselineCommitment(inputs).root).toBe(built.header.baselinesRoot)
  expect(buildSpeedCommitment(inputs).root).toBe(built.header.speedRoot)
})

test('what is published survives JSON and names no meter', () => {
  const text = toJson(built.published)
  expect(parsePublishedSettlement(JSON.parse(text))).toEqual(built.published)
  for (const meter of meters) expect(text).not.toContain(meter)
  for (const { pseudonymSalt } of built.members) expect(text).not.toContain(pseudonymSalt)
  expect(() => parsePublishedSettlement({ ...built.published, extra: 1 })).toThrow('extra')
})

test('a record survives its store, whatever the size of its money', () => {
  const huge = 2n ** 90n
  const record = {
    format: 'wattproof-settlement-1',
    published: built.published,
    header: { ...built.header, totalPay: huge },
    state: 'settled',
    period: null,
    chain: null,
    members: built.members,
    verdicts: [{ validator: `0x${'1'.repeat(40)}`, signature: null, refusal: 'no', stake: huge }],
  } as unknown as SettlementRecord
  const text = encodeSettlementRecord(record)
  expect(text).toContain(`"${huge}"`)
  expect(decodeSettlementRecord(text)).toEqual(record)
  expect(() => decodeSettlementRecord('{}')).toThrow('not a settlement record')
  expect(() => decodeSettlementRecord('{')).toThrow('not a settlement record')
})

test('the same inputs in any order give the same root', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const again = buildSettlement(shuffleInputs(inputs, seed))
      expect(again.header).toEqual(built.header)
      expect(again.published).toEqual(built.published)
    }),
    { numRuns: 20 },
  )
})

test.each<[string, (given: BuildSettlementParameters) => BuildSettlementParameters, string]>([
  ['another secret', (all) => ({ ...all, eventSecret: new Uint8Array(32) }), 'root'],
  ['another live figure', (all) => ({ ...all, speedFigures: new Map() }), 'speedRoot'],
  [
    'a reading less',
    (all) => ({ ...all, metered: new Map([...all.metered].slice(1)) }),
    'inputsRoot',
  ],
])('%s is another header', (_, change, field) => {
  const { header } = buildSettlement(change(inputs))
  expect(header[field as 'root']).not.toBe(built.header[field as 'root'])
})

test.each<[string, (event: DrEvent) => DrEvent]>([
  ['price', (e) => withTerms(e, { priceMicrosPerKwh: 100_000n * e.terms.priceMicrosPerKwh })],
  ['penalty', (e) => withTerms(e, { penaltyMicrosPerKwh: 0n })],
  ['share that is ordered', (e) => withTerms(e, { orderPpm: 200_000 })],
  ['currency', (e) => withTerms(e, { currency: 'EUR' })],
  ['method', (e) => withTerms(e, { baselineMethod: 'guess' })],
  ['version of the terms', (e) => withTerms(e, { version: 2 })],
  ['account', (e) => ({ ...e, participants: [swapAccount(e), ...e.participants.slice(1)] })],
  ['member less', (e) => ({ ...e, participants: e.participants.slice(1) })],
  ['end', (e) => ({ ...e, endMs: e.endMs + 1_800_000 })],
  ['holiday', (e) => ({ ...e, holidays: [] })],
])('another %s is another commitment', (_, change) => {
  const event = change(inputs.event)
  const { root } = buildBaselineCommitment({ ...inputs, event })
  expect(root).not.toBe(built.header.baselinesRoot)
})

test('a revision is not built: no validator would sign it', () => {
  expect(() => buildSettlement({ ...inputs, revision: 2 })).toThrow(/The revision is 2/)
})

function withTerms(event: DrEvent, terms: Partial<Terms>): DrEvent {
  return { ...event, terms: { ...event.terms, ...terms } }
}

function swapAccount({ participants }: DrEvent): Participant {
  return { ...participants[0]!, account: participants[1]!.account }
}

/** The same facts in another order. */
function shuffleInputs(given: BuildSettlementParameters, seed: number): BuildSettlementParameters {
  const shuffle = <T>(items: Iterable<T>): T[] =>
    [...items]
      .map((item, index) => ({ item, key: Math.imul(seed + index, 2_654_435_761) % 1009 }))
      .sort((left, right) => left.key - right.key)
      .map(({ item }) => item)
  const { event } = given
  return {
    ...given,
    event: {
      ...event,
      participants: shuffle(event.participants),
      excludedDates: shuffle(event.excludedDates),
    },
    baselines: new Map(shuffle(given.baselines)),
    metered: new Map(
      shuffle(given.metered).map(([meter, readings]) => [meter, new Map(shuffle(readings))]),
    ),
    speedFigures: new Map(shuffle(given.speedFigures)),
    balances: new Map(shuffle(given.balances)),
  }
}
