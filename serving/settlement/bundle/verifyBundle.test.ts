import { Wallet } from 'ethers'
import { beforeAll, expect, test } from 'vitest'
import { type Address, type Hex32, meterId } from '../../../schemas/ids.ts'
import { headerTypes } from '../../../schemas/settlement.ts'
import { moneyMicros, toJson } from '../../../schemas/units.ts'
import { buildSettlement } from '../buildSettlement.ts'
import type { PublishedSettlement } from '../published.ts'
import { recoverSigner } from '../recoverSigner.ts'
import type { SettlementRecord } from '../settlementRecord.ts'
import { exampleInputs, meters } from '../testing/exampleEvent.ts'
import { fitSettlement } from '../testing/fitSettlement.ts'
import { changesOf, type Json, listPaths } from '../testing/listChanges.ts'
import { makeBundle } from './makeBundle.ts'
import type { ProofBundle } from './proofBundle.ts'
import { verifyBundle } from './verifyBundle.ts'

const built = buildSettlement(exampleInputs())
const place = {
  chainId: 31_337,
  anchor: `0x${'a'.repeat(40)}` as Address,
  vault: `0x${'b'.repeat(40)}` as Address,
  registry: `0x${'c'.repeat(40)}` as Address,
}
let record: SettlementRecord

beforeAll(async () => {
  const domain = {
    name: 'Wattproof',
    version: '1',
    chainId: place.chainId,
    verifyingContract: place.anchor,
  }
  const types = { Settlement: [...headerTypes.Settlement] }
  const verdicts = await Promise.all(
    [1, 2, 3].map(async (each) => {
      const wallet = new Wallet(`0x${each.toString(16).padStart(64, '0')}`)
      const signature = await wallet.signTypedData(domain, types, { period: 4, ...built.header })
      const validator = wallet.address.toLowerCase() as Address
      return { validator, signature: signature as Hex32, refusal: null, stake: 1_000_000n }
    }),
  )
  record = {
    format: 'wattproof-settlement-1',
    published: built.published,
    header: built.header,
    state: 'final',
    period: 4,
    chain: place,
    members: built.members,
    verdicts: [...verdicts, { ...verdicts[0]!, signature: null, refusal: 'no' }],
  }
})

test.each(meters)('the bundle of %s holds, as it is and after JSON', (meter) => {
  const bundle = makeBundle({ record, meter })
  expect(verifyBundle(bundle, { recoverSigner })).toMatchObject({ ok: true })
  expect(verifyBundle(JSON.parse(toJson(bundle)), { recoverSigner })).toMatchObject({ ok: true })
})

test('the sentence has the pay and the signers', () => {
  const first = makeBundle({ record, meter: meters[0]! })
  // 107,520 of incentive less 20,000 of older debt.
  expect(verifyBundle(first, { recoverSigner }).sentence).toBe(
    'Valid: line 1 of 5 of high-2013-02-11 pays 0.08752 GBP, signed by 3 keys; only the chain ' +
      'shows their stake and whether it is final.',
  )
  expect(verifyBundle(first).sentence).toContain('signatures of 3 keys were not checked here')
  const third = makeBundle({ record: { ...record, verdicts: [] }, meter: meters[2]! })
  expect(verifyBundle(third, { recoverSigner }).sentence).toBe(
    'Valid: line 3 of 5 of high-2013-02-11 pays 0.00 GBP and carries 0.0336 GBP of fees; ' +
      'nobody has signed it yet.',
  )
})

test('a meter without a line has no bundle', () => {
  expect(() => makeBundle({ record, meter: meterId('MAC000099') })).toThrow('There is no line')
})

/** Only the chain can check these: the settlement's state and contracts, and signers' stakes. */
const chainOnly = [/^state$/, /^chain\.(vault|registry)$/, /^attestations\.\d+\.stake$/]

/** The check that detects a change of each part; the first pattern that matches. */
const namedBy: readonly [RegExp, readonly string[]][] = [
  [/^format/, ['form']],
  [/^event\.(eventId|revision)/, ['event']],
  [/^event\.terms/, ['terms']],
  [/^event\.(startMs|endMs|intervalS)/, ['event', 'readings', 'baseline', 'line']],
  [/^event\.(zone|excludedDates|holidays)/, ['baseline']],
  [/^(meter|pseudonymSalt|member\.salt)/, ['member']],
  [/^line\.index/, ['member']],
  [/^member\.readings/, ['readings']],
  [/^member\.baseline/, ['baseline']],
  [/^member\.speedDeliveredMwh/, ['speed']],
  [/^member\.(before|settledBefore)/, ['line']],
  [/^member\.account/, ['baseline']],
  [/^line\.payPrefix/, ['detail']],
  [/^line/, ['line', 'detail']],
  [/^detail/, ['detail']],
  [/^leaf/, ['leaf']],
  [/^proofs\.settlement/, ['proof']],
  [/^proofs\.inputs/, ['readings']],
  [/^proofs\.baselines/, ['baseline']],
  [/^proofs\.speed/, ['speed']],
  [/^header\.(eventHash|revision)/, ['event']],
  [/^header\.termsHash/, ['terms']],
  [/^header\.inputsRoot/, ['readings']],
  [/^header\.baselinesRoot/, ['baseline']],
  [/^header\.speedRoot/, ['speed']],
  [/^header\.root/, ['proof']],
  [/^header\.(leafCount|totalPay)/, ['totals', 'attestations']],
  [/^header\.totalFee/, ['attestations']],
  [/^(period|chain|attestations)/, ['attestations']],
]

/** The name of the first check that failed. */
function nameOf({ checks }: ReturnType<typeof verifyBundle>): string {
  return checks.find((each) => !each.ok)?.name ?? 'nothing'
}

test.each([meters[0]!, meters[3]!, meters[4]!])(
  'every change of the bundle of %s is named',
  (meter) => {
    const bundle = JSON.parse(toJson(makeBundle({ record, meter }))) as Json
    const wrong: string[] = []
    const paths = listPaths(bundle)
    for (const path of paths) {
      const name = path.join('.')
      // Fewer signatures, all valid, are not a forgery.
      const isSignatures = name === 'attestations'
      for (const changed of isSignatures ? [] : changesOf(bundle, path)) {
        const verdict = verifyBundle(changed, { recoverSigner: recoverOnce })
        const isChainOnly = chainOnly.some((pattern) => pattern.test(name))
        // Bound by no root: what cannot be is refused, and another place is not noticed.
        if (/^asOf/.test(name) && ['nothing', 'as-of', 'form'].includes(nameOf(verdict))) continue
        const first = nameOf(verdict)
        if (isChainOnly ? first !== 'nothing' && first !== 'form' : !isNamed(name, first)) {
          wrong.push(`${name}: ${first}: ${verdict.sentence}`)
        }
      }
    }
    expect(wrong).toEqual([])
    expect(paths.length).toBeGreaterThan(60)
  },
)

test('an earlier settlement is refused even when all that follows from it fits', () => {
  const [first, ...rest] = built.published.members
  const raised = { ...first!, settledBefore: moneyMicros(-1_000_000_000_000n) }
  const bundle = bundleOf(fitSettlement({ ...built.published, members: [raised, ...rest] }))
  // 221,112 and an amount that was never settled.
  expect(bundle.header.totalPay).toBe(1_000_000_221_112n)
  expect(verifyBundle(bundle).sentence).toMatch(/^Invalid \(line\): The line: settledBefore/)
})

test('a later revision is refused: there are none yet', () => {
  const event = { ...built.published.event, revision: 2 }
  const bundle = bundleOf(fitSettlement({ ...built.published, event }))
  const { checks, sentence } = verifyBundle(bundle)
  expect(sentence).toBe('Invalid (event): The revision is 2; only the first is settled.')
  expect(checks.at(-1)?.refusal).toEqual({ code: 'revision', revision: 2 })
})

test('another member cannot present this bundle as its own', () => {
  const mine = makeBundle({ record, meter: meters[0]! })
  const theirs = makeBundle({ record, meter: meters[1]! })
  expect(verifyBundle({ ...mine, meter: meters[1]! })).toMatchObject({ ok: false })
  for (const part of ['member', 'line', 'leaf', 'proofs', 'pseudonymSalt', 'detail'] as const) {
    expect(verifyBundle({ ...mine, [part]: theirs[part] }).ok).toBe(false)
  }
})

test('a validator is not counted twice', () => {
  const bundle = makeBundle({ record, meter: meters[0]! })
  const attestations = [...bundle.attestations, bundle.attestations[0]!]
  const verdict = verifyBundle({ ...bundle, attestations }, { recoverSigner })
  expect(verdict.sentence).toContain('is counted twice')
})

test.each([[null], [7], ['bundle'], [[]], [{}], [{ format: 'wattproof-bundle-1' }]])(
  '%j is no bundle',
  (given) => {
    expect(verifyBundle(given)).toMatchObject({ ok: false, checks: [{ name: 'form' }] })
  },
)

const signers = new Map<string, Address>()

/** Most changes leave the digest and a signature as they were; recovery is the slow part. */
function recoverOnce(digest: Hex32, signature: Hex32): Address {
  const key = `${digest} ${signature}`
  const signer = signers.get(key) ?? recoverSigner(digest, signature)
  signers.set(key, signer)
  return signer
}

/** The first member's, unsigned. */
function bundleOf(published: PublishedSettlement): ProofBundle {
  const { header } = published
  return makeBundle({ record: { ...record, published, header, verdicts: [] }, meter: meters[0]! })
}

function isNamed(name: string, check: string): boolean {
  // A change that breaks the form is refused there, and the sentence has the path.
  if (check === 'form') return true
  return namedBy.find(([pattern]) => pattern.test(name))?.[1].includes(check) ?? false
}
