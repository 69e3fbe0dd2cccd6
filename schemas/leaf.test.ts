import { expect, test } from 'vitest'
import { abiWords, deriveSecret, keccak, toHex } from './hash.ts'
import { type EventId, type Hex32, meterId } from './ids.ts'
import {
  baselineContent,
  conditionsHash,
  detailHash,
  eventSalt,
  leafHash,
  memberLeafWords,
  meterPseudonym,
  pseudonymSalt,
  settlementLeafWords,
  speedContent,
  termsHash,
} from './leaf.ts'
import type { SettlementLine } from './settlement.ts'
import { energyMwh, moneyMicros } from './units.ts'
import vectors from './vectors/leaf.json' with { type: 'json' }

/** Made by ethers and OpenZeppelin's library; `contracts/` reads the same file. */
const hex = (text: string) => text as Hex32
const money = (text: string) => moneyMicros(BigInt(text))

test.each(vectors.leaf)('leaf $index', ({ index, account, entitled, detail, hash }) => {
  const line = { index: Number(index), account: hex(account), entitled: money(entitled) }
  expect(leafHash(settlementLeafWords(line as SettlementLine, hex(detail)))).toBe(hash)
})

test.each(vectors.memberLeaf)('member leaf $index', (each) => {
  const words = memberLeafWords({
    index: Number(each.index),
    pseudonym: hex(each.pseudonym),
    content: hex(each.content),
    salt: hex(each.salt),
  })
  expect(leafHash(words)).toBe(each.hash)
})

test('terms', () => {
  const { words, hash, ...rest } = vectors.terms
  const terms = {
    ...rest,
    priceMicrosPerKwh: BigInt(rest.priceMicrosPerKwh),
    penaltyMicrosPerKwh: BigInt(rest.penaltyMicrosPerKwh),
  }
  expect(termsHash(terms)).toBe(hash)
  expect(toHex(keccak(abiWords(words)))).toBe(hash)
})

test.each(vectors.conditions)('conditions in $zone', ({ words, hash, ...conditions }) => {
  expect(conditionsHash({ ...conditions, terms: hex(conditions.terms) })).toBe(hash)
  expect(toHex(keccak(abiWords(words)))).toBe(hash)
})

test.each(vectors.committed)('what is committed of $account', ({ words, hash, ...parts }) => {
  const { conditions, account, baseline, used } = parts
  const given = { conditions, account, baseline, used } as Record<keyof typeof parts, Hex32>
  expect(baselineContent(given)).toBe(hash)
  expect(toHex(keccak(abiWords(words)))).toBe(hash)
})

test.each(vectors.detail)('detail of pay $pay', (each) => {
  const line = {
    delivered: energyMwh(each.delivered),
    deficiency: energyMwh(each.deficiency),
    incentive: money(each.incentive),
    fee: money(each.fee),
    net: money(each.net),
    pay: money(each.pay),
    debtAfter: money(each.debtAfter),
    payPrefix: money(each.payPrefix),
  }
  const parts = {
    eventId: each.eventId as EventId,
    revision: each.revision,
    pseudonym: hex(each.pseudonym),
    readings: hex(each.readings),
    baseline: hex(each.baseline),
    method: each.method,
    terms: hex(each.terms),
    salt: hex(each.salt),
  }
  expect(detailHash(line as SettlementLine, parts)).toBe(each.hash)
})

test('a pseudonym does not follow from the salt that validators see', () => {
  const secret = deriveSecret(new Uint8Array(32).fill(1), 'event high-2013-02-11')
  const meter = meterId('MAC000002')
  expect(pseudonymSalt(secret, meter)).not.toBe(eventSalt(secret, meter))
  const shown = meterPseudonym(pseudonymSalt(secret, meter), meter)
  expect(meterPseudonym(eventSalt(secret, meter), meter)).not.toBe(shown)
})

test('conditions are distinguished, but not the order of dates', () => {
  const conditions = {
    terms: hex(vectors.terms.hash),
    zone: 'Europe/London',
    startMs: 1_360_602_000_000,
    endMs: 1_360_605_600_000,
    intervalS: 1800,
    excludedDates: ['2013-02-05', '2013-01-08'],
    holidays: ['2013-01-01'],
  }
  const hash = conditionsHash(conditions)
  const reordered = { ...conditions, excludedDates: [...conditions.excludedDates].reverse() }
  expect(conditionsHash(reordered)).toBe(hash)
  const swapped = {
    ...conditions,
    excludedDates: conditions.holidays,
    holidays: conditions.excludedDates,
  }
  expect(conditionsHash(swapped)).not.toBe(hash)
  expect(conditionsHash({ ...conditions, zone: 'Europe/Paris' })).not.toBe(hash)
  expect(conditionsHash({ ...conditions, terms: hex(vectors.detail[0]!.hash) })).not.toBe(hash)
})

test('no figure is different from zero', () => {
  expect(speedContent(null)).not.toBe(speedContent(0))
  expect(speedContent(-5)).not.toBe(speedContent(5))
})
