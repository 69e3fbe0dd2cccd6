import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Address } from '../../../schemas/ids.ts'
import { moneyMicros } from '../../../schemas/units.ts'
import { buildSettlement } from '../buildSettlement.ts'
import { exampleInputs, meters } from '../testing/exampleEvent.ts'
import { bundleCheck } from './bundleCheck.ts'
import { decimal, describeVerdict } from './describeVerdict.ts'
import { makeBundle } from './makeBundle.ts'
import type { ProofBundle } from './proofBundle.ts'

const { published, header, members } = buildSettlement(exampleInputs())
const bundleOf = (meter: (typeof meters)[number]) =>
  makeBundle({
    meter,
    record: {
      ...{ format: 'wattproof-settlement-1', published, header, members },
      ...{ state: 'settled', period: null, chain: null, verdicts: [] },
    },
  })
const [paid, , indebted] = meters
const bundle = bundleOf(paid!)
const place = `Valid: line 1 of 5 of high-2013-02-11 pays ${decimal(bundle.line.pay)} GBP`

test('an amount is exact, with two to six decimals', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n }), (micros) => {
      const text = decimal(micros)
      expect(text).toMatch(/^-?(0|[1-9]\d*)\.\d{2}(\d{0,3}[1-9])?$/)
      const [whole = '', fraction = ''] = text.replace('-', '').split('.')
      const size = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
      expect(text.startsWith('-') ? -size : size).toBe(micros)
    }),
  )
  const texts = [0n, 1n, 10n, 10_000n, 1_250_000n, -5n, -1_000_000n].map(decimal)
  expect(texts).toEqual(['0.00', '0.000001', '0.00001', '0.01', '1.25', '-0.000005', '-1.00'])
})

test('the first check that failed is the verdict', () => {
  const checks = [
    bundleCheck('form', null, 'Fine.'),
    bundleCheck('total', { code: 'too-few-lines' }, ''),
    bundleCheck('leaf', { code: 'terms' }, ''),
  ]
  expect(describeVerdict(bundle, checks)).toBe(
    'Invalid (total): The header counts fewer lines than this one.',
  )
})

describe('a valid bundle', () => {
  const attestations = [1, 2].map((each) => ({
    validator: `0x${String(each).repeat(40)}` as Address,
    signature: `0x${'0'.repeat(130)}` as const,
    stake: 1_000_000n,
  }))
  const signed: ProofBundle = { ...bundle, attestations }

  test('says who signed it, and whether that was checked', () => {
    expect(describeVerdict(bundle, [])).toBe(`${place}; nobody has signed it yet.`)
    expect(describeVerdict(signed, [])).toBe(
      `${place}; the signatures of 2 keys were not checked here.`,
    )
    const checks = [bundleCheck('attestations', null, 'Signed.')]
    expect(describeVerdict(signed, checks)).toContain('signed by 2 keys; only the chain shows')
  })

  test('that pays nothing says which fees it carries', () => {
    const { line } = bundleOf(indebted!)
    expect(line).toMatchObject({ pay: 0n })
    expect(line.debtAfter).toBeGreaterThan(0n)
    expect(describeVerdict(bundleOf(indebted!), [])).toContain(
      `pays 0.00 GBP and carries ${decimal(line.debtAfter)} GBP of fees; nobody`,
    )
    const free = { ...bundle, line: { ...bundle.line, pay: moneyMicros(0n) } }
    expect(describeVerdict(free, [])).toContain('pays 0.00 GBP; nobody')
  })

  test('says what the chain knows: stake, claims, and whose word the anchor is', () => {
    const entitled = bundle.leaf[2]
    const anchor = `0x${'a'.repeat(40)}` as Address
    const chain = { stakeFor: 2_000_000n, stakeTotal: 3_500_000n, anchor, isAnchorTrusted: true }
    const claimed = (amount: bigint) => describeVerdict(signed, [], { ...chain, claimed: amount })
    const final = `${place}; it is final, signed with a stake of 2.00 of 3.50 GBP, `
    expect(claimed(entitled)).toBe(`${final}all of it is claimed.`)
    expect(claimed(entitled + 1n)).toBe(`${final}all of it is claimed.`)
    expect(claimed(entitled - 1n)).toBe(`${final}0.000001 GBP to be claimed.`)
    const untrusted = { ...chain, claimed: entitled, isAnchorTrusted: false }
    expect(describeVerdict(signed, [], untrusted)).toBe(
      `${final}all of it is claimed. That ${anchor} is the anchor is the bundle's own word: ` +
        'compare it.',
    )
  })
})
