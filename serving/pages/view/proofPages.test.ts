import { expect, test } from 'vitest'
import { toJson } from '../../../schemas/units.ts'
import { buildSettlement } from '../../settlement/buildSettlement.ts'
import { makeBundle } from '../../settlement/bundle/makeBundle.ts'
import type { BundleBody } from '../../settlement/bundle/proofBundle.ts'
import { verifyBundle } from '../../settlement/bundle/verifyBundle.ts'
import { exampleInputs, meters } from '../../settlement/testing/exampleEvent.ts'
import { net, pointInputs } from '../../settlement/testing/examplePoints.ts'
import type { HeaderBody, SettlementLineBody } from '../../shapes/settlement.ts'
import type { DeviationRow } from '../../shapes/views.ts'
import { exampleEvent } from '../testing/exampleBodies.ts'
import {
  describeEarned,
  describeFlows,
  homePicture,
  invitationsFor,
  settledEventsOf,
  usedSince,
} from './homePage.ts'
import { compareWithChain } from './proofCheck.ts'
import {
  describeArithmetic,
  describeBaseline,
  describeInterval,
  linesAddUp,
  sortLines,
} from './settlementPage.ts'

const { published, header, members } = buildSettlement(exampleInputs())
const rest = { state: 'settled', period: null, chain: null, verdicts: [] } as const
const record = { format: 'wattproof-settlement-1', published, header, members, ...rest } as const
const bundleOf = (index: number): BundleBody =>
  JSON.parse(toJson(makeBundle({ record, meter: meters[index]! })))
const solarPoints = buildSettlement(pointInputs())
const solarRecord = {
  ...record,
  ...{ published: solarPoints.published, header: solarPoints.header },
  members: solarPoints.members,
}
const plain = (text: string) => text.replaceAll('\u00a0', ' ')

test('the pages read the bundle format of the API, and it passes the check', () => {
  const bundle = bundleOf(0)
  expect(verifyBundle(bundle).ok).toBe(true)
  expect(bundle.line.intervals).toHaveLength(4)
})

test('earnings are described in plain words', () => {
  const [earned, , rose, , unknown] = meters.map((_, index) =>
    plain(describeEarned(bundleOf(index))),
  )
  expect(earned).toMatch(
    /^You used [\d.]+ kWh less than usual on 11 Feb 2013 between 17:00 and 19:00 and earned £/,
  )
  expect(rose).toMatch(/more than usual .* Nothing is paid; £0\.\d\d of fees/)
  expect(unknown).toMatch(/^Nothing could be settled/)
})

test('the arithmetic shown is the arithmetic done', () => {
  const bundle = bundleOf(1)
  const values = Object.fromEntries(
    describeArithmetic(bundle).map((each) => [each.label, each.value]),
  )
  const { incentive, fee, net } = bundle.line
  expect(Number(incentive) - Number(fee)).toBe(Number(net))
  expect(Object.keys(values)).toEqual(['Incentive', 'Fee', 'Net', 'Pay', 'Ever entitled to'])
  const [interval] = bundle.line.intervals
  expect(plain(describeInterval(interval!, bundle))).toMatch(
    /^17:00: 10 % of [\d.]+ kWh is [\d.]+ kWh ordered; .* of which [\d.]+ kWh counts\.$/,
  )
  expect(describeBaseline(bundle)).toMatch(/^Mean of \d+ similar days by caiso-10-in-10, /)
  const flags = ['passed-over:2013-02-05', 'few-days:4-of-10', 'adjustment-clipped', 'other']
  const { member } = bundle
  const flagged = { ...bundle, member: { ...member, baseline: { ...member.baseline, flags } } }
  expect(describeBaseline(flagged)).toMatch(
    /\(without 5 Feb 2013; only 4 of 10 days; limited to the largest adjustment; other\)\.$/,
  )
  expect(describeBaseline(bundleOf(4))).toMatch(/^No ordinary day was found/)
})

test('the root of a bundle is compared with the one on chain', () => {
  const bundle = { ...bundleOf(0), period: 3 }
  const anchor = { period: 3, root: header.root, state: 'final', attestations: [] }
  const anchors = { chainId: 1, contracts: {}, anchors: [anchor] } as never
  expect(compareWithChain(bundle, anchors).ok).toBe(true)
  const other = { ...bundle, header: { ...bundle.header, root: '0x00' } }
  expect(compareWithChain(other, anchors)).toMatchObject({ ok: false })
  expect(compareWithChain({ ...bundle, period: null }, anchors).ok).toBeNull()
  expect(compareWithChain(bundle, null).ok).toBeNull()
})

const line = (index: number, over: Partial<SettlementLineBody>): SettlementLineBody => ({
  ...{ index, pseudonym: `0x${'ab'.repeat(32)}`, meter: 'M1', account: '0x1' },
  ...{ deliveredMwh: 1, deficiencyMwh: 0, entitledMicros: 0 },
  ...{ incentiveMicros: 1, feeMicros: 0, payMicros: 1, debtAfterMicros: 0, detailHash: '0x00' },
  ...over,
})

test('lines are sorted, and added up exactly beyond 2^53', () => {
  const lines = [
    line(0, { payMicros: '9007199254740993' }),
    line(1, { payMicros: 0, deliveredMwh: 7 }),
    line(2, { payMicros: 3 }),
  ]
  expect(sortLines(lines, 'pay').map(({ index }) => index)).toEqual([0, 2, 1])
  expect(sortLines(lines, 'delivered').map(({ index }) => index)).toEqual([1, 0, 2])
  const header = { totalPay: '9007199254740996' } as HeaderBody
  expect(linesAddUp(lines, header)).toBe(true)
  expect(linesAddUp(lines.slice(1), header)).toBe(false)
})

const read = (slot: number, over: Partial<DeviationRow> = {}): DeviationRow => ({
  ...{ meter: 'M1', group: 'g', start: new Date(slot * 1_800_000).toISOString() },
  ...{ durationS: 1800, energyMwh: 500_000, baselineMwh: 600_000, ratio: 1, deviationW: -300 },
  ...{ z: 0, rollingWh: 0, isException: false, origin: 'speed' },
  ...over,
})

test('a day is summed from midnight, and its usual only where it is known completely', () => {
  const rows = [read(0), read(1), read(2)]
  expect(usedSince(rows, 1_800_000)).toEqual({
    usedMwh: 1_000_000,
    fedInMwh: 0,
    usualMwh: 1_200_000,
    intervals: 2,
  })
  expect(usedSince([read(1, { baselineMwh: null }), read(2)], 0).usualMwh).toBeNull()
})

test('a home that also feeds in sees both flows, and in an event what it fed in', () => {
  const today = usedSince([read(0), read(1, { energyMwh: -2_100_000 })], 0)
  expect(today).toMatchObject({ usedMwh: -1_600_000, fedInMwh: 2_100_000 })
  expect(plain(describeFlows(today))).toBe('0.500 kWh taken from the grid, 2.10 kWh fed in.')
  expect(describeFlows(usedSince([read(0)], 0))).toBe('')
  const solar = makeBundle({ record: solarRecord, meter: net })
  const sentence = plain(describeEarned(JSON.parse(toJson(solar))))
  // Usually -1.2 kWh in the event, and -1.445 kWh then.
  expect(sentence).toMatch(/^You fed in 0\.245 kWh more than usual on .* and earned £/)
  expect(describeBaseline(JSON.parse(toJson(solar)))).toContain('moved by +0.0 Wh an interval')
})

test("the home's chart: half a kWh in half an hour is 1 kW, 0.3 kW under the usual", () => {
  const picture = homePicture({
    rows: [read(0), read(1, { origin: 'batch' })],
    ...{ forecast: null, events: [], nowMs: 0, range: { fromMs: 0, toMs: 3_600_000 } },
  })
  expect(picture.lines.map(({ key, values }) => [key, values])).toEqual([
    ['baseline', [1300, 1300]],
    ['load', [null, 1000]],
    ['load-live', [1000, null]],
    ['forecast', [null, null]],
  ])
})

test('a home is invited to events of its own that have not ended', () => {
  const account = '0x1'
  const mine = { ...exampleEvent, members: [{ meter: 'M1', account }] }
  const other = { ...exampleEvent, members: [{ meter: 'M2', account }] }
  const before = Date.parse(exampleEvent.start)
  expect(invitationsFor('M1', [mine, other], before)).toEqual([mine])
  expect(invitationsFor('M1', [mine], Date.parse(exampleEvent.end))).toEqual([])
})

test('the last earnings are those of the newest settled event a home took part in', () => {
  const members = (meter: string) => [{ meter, account: '0x1' }]
  const first = { ...exampleEvent, id: 'first', deliveredMwh: 1, members: members('M1') }
  const second = { ...first, id: 'second', start: '2013-02-12T17:00:00.000Z' }
  const others = { ...second, id: 'others', start: '2013-02-13T17:00:00.000Z' }
  const events = [{ ...others, members: members('M2') }, first, second]
  expect(settledEventsOf('M1', events).map(({ id }) => id)).toEqual(['second', 'first'])
  expect(settledEventsOf('M2', events).map(({ id }) => id)).toEqual(['others'])
  expect(settledEventsOf('M3', events)).toEqual([])
  expect(settledEventsOf('M1', [{ ...first, deliveredMwh: null }])).toEqual([])
})
