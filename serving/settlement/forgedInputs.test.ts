import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { keccakOfText } from '../../schemas/hash.ts'
import type { Address } from '../../schemas/ids.ts'
import type { AccountBalance } from '../../schemas/settlement.ts'
import { moneyMicros, toJson } from '../../schemas/units.ts'
import { buildBaselineCommitment } from './buildBaselineCommitment.ts'
import { buildSettlement } from './buildSettlement.ts'
import { type PublishedSettlement, parsePublishedSettlement } from './published.ts'
import { recomputeSettlement } from './recomputeSettlement.ts'
import { sentenceOfRefusal } from './refusal.ts'
import { refuseCommitment } from './refuseCommitment.ts'
import { exampleInputs } from './testing/exampleEvent.ts'
import { fitSettlement } from './testing/fitSettlement.ts'
import { changesOf, type Json, listPaths } from './testing/listChanges.ts'

/**
 * An operator changes one input after the event and makes lines, hashes and header fit it. It is
 * detected by what was committed before the start or is known from earlier settlements.
 */
const inputs = exampleInputs()
const { published } = buildSettlement(inputs)
const startS = inputs.event.startMs / 1000
const chain = {
  eventHash: keccakOfText(inputs.event.id),
  baselinesRoot: buildBaselineCommitment(inputs).root,
  commitment: { root: published.header.baselinesRoot, startS, committedAtS: startS - 900 },
}
const nothing: AccountBalance = { entitled: moneyMicros(0n), debt: moneyMicros(0n) }

/** Inputs that nothing binds, and why; any other change is refused. */
const unbound: readonly [RegExp, string][] = [
  [
    /^members\.\d+\.readings(\.\d+\.energyMwh)?$/,
    'What a meter read during the event is the operator’s word; pay is bounded by the order.',
  ],
  [
    /^members\.\d+\.speedDeliveredMwh$/,
    'What the live view showed reaches no payment; it is fixed with the proposal.',
  ],
  [
    /^asOf\./,
    'The places of the log are in no leaf: who may read the log recomputes from them, or cannot.',
  ],
]

test('any change of the inputs is refused, except of those that nothing binds', () => {
  const json = JSON.parse(toJson(published)) as Json
  // Two members are tried for all; the account of the second has a line before.
  const isSkipped = (name: string) => /^format|^header|^members\.[013]|\.(line|detail)/.test(name)
  const paths = listPaths(json).filter((path) => !isSkipped(nameOf(path)))
  const accepted = paths
    .filter((path) => changesOf(json, path).some((changed) => refuse(changed) === null))
    .map(nameOf)
  const isUnbound = (name: string) => unbound.some(([pattern]) => pattern.test(name))
  expect(accepted.filter((name) => !isUnbound(name))).toEqual([])
  // Each exception still applies.
  for (const [pattern, why] of unbound) {
    expect(
      accepted.some((name) => pattern.test(name)),
      why,
    ).toBe(true)
  }
  expect(paths.length).toBeGreaterThan(75)
})

test.each<[string, (published: PublishedSettlement) => PublishedSettlement, RegExp]>([
  [
    'money that was never settled before',
    (published) => withFirst(published, { settledBefore: moneyMicros(-1_000_000_000_000n) }),
    /^Line 0: settledBefore is stated as -1000000000000/,
  ],
  [
    'a price 100,000 times as high',
    ({ event, ...rest }) => {
      const priceMicrosPerKwh = 100_000n * event.terms.priceMicrosPerKwh
      return { ...rest, event: { ...event, terms: { ...event.terms, priceMicrosPerKwh } } }
    },
    /BaselinesNotCommitted/,
  ],
  [
    'an account of somebody else',
    (published) => withFirst(published, { account: `0x${'9'.repeat(40)}`, before: nothing }),
    /BaselinesNotCommitted/,
  ],
  [
    'a debt that is forgotten',
    (published) =>
      withFirst(published, { before: { ...published.members[0]!.before, debt: moneyMicros(0n) } }),
    /^Line 0: balance before: debt/,
  ],
  [
    'a site that was not committed',
    (published) => {
      const { line, ...fourth } = published.members[3]!
      const before = { entitled: line.entitled, debt: line.debtAfter }
      const invented = { ...fourth, line, before, pseudonym: chain.eventHash }
      return { ...published, members: [...published.members, invented] }
    },
    /BaselinesNotCommitted/,
  ],
  [
    'a site that is left out',
    (published) => ({ ...published, members: published.members.slice(0, -1) }),
    /BaselinesNotCommitted/,
  ],
])('%s', (_, change, sentence) => {
  expect(refuse(JSON.parse(toJson(change(published))))).toMatch(sentence)
})

test('unchanged inputs are accepted', () => {
  expect(refuse(JSON.parse(toJson(published)))).toBe(null)
})

/** Why the anchor, or a validator who knows all earlier settlements, refuses it. */
function refuse(json: Json): string | null {
  let forged: PublishedSettlement
  try {
    forged = fitSettlement(parsePublishedSettlement(json))
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error.message
    throw error
  }
  const { header, event } = forged
  const isCommitted =
    header.eventHash === chain.eventHash && header.baselinesRoot === chain.baselinesRoot
  const verdict = recomputeSettlement(forged, header, knownOf(forged))
  if (!verdict.ok) return verdict.sentence
  if (!isCommitted) return 'BaselinesNotCommitted: the anchor takes no such proposal.'
  const refusal = refuseCommitment(chain.commitment, event.startMs)
  return refusal && sentenceOfRefusal(refusal)
}

/** Balances as a validator knows them: from earlier settlements, otherwise nothing. */
function knownOf({ members }: PublishedSettlement): ReadonlyMap<Address, AccountBalance> {
  return new Map(members.map(({ account }) => [account, inputs.balances.get(account) ?? nothing]))
}

function withFirst(
  { members: [first, ...rest], ...published }: PublishedSettlement,
  change: Partial<PublishedSettlement['members'][number]>,
): PublishedSettlement {
  return { ...published, members: [{ ...first!, ...change }, ...rest] }
}

function nameOf(path: readonly (string | number)[]): string {
  return path.join('.')
}
