import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { energyMwh, toJson } from '../../schemas/units.ts'
import { buildBaselineCommitment } from './buildBaselineCommitment.ts'
import { buildSettlement } from './buildSettlement.ts'
import { makeBundle } from './bundle/makeBundle.ts'
import { verifyBundle } from './bundle/verifyBundle.ts'
import { computeEventBaselines } from './eventBaselines.ts'
import { parsePublishedSettlement } from './published.ts'
import { recomputeSettlement } from './recomputeSettlement.ts'
import {
  add,
  pointsEvent as event,
  generation,
  net,
  pointInputs,
  pointOf,
  pointReadings,
  site,
  solar,
} from './testing/examplePoints.ts'
import { fitSettlement } from './testing/fitSettlement.ts'
import { changesOf, type Json, listPaths } from './testing/listChanges.ts'

const stepMs = 1_800_000
const { startMs, participants: members } = event
const { without } = computeEventBaselines(event, pointReadings)
const inputs = pointInputs()
const built = buildSettlement(inputs)
const lines = built.settlement.lines

describe('the lines', () => {
  test('of a meter that only takes are as they always were', () => {
    const alone = { ...inputs, event: { ...event, participants: [members[0]!] } }
    expect(without).toEqual([])
    expect(buildSettlement(alone).settlement.lines[0]).toEqual(lines[0])
    expect(built.published.members[0]).not.toHaveProperty('point')
    expect(built.published.members[0]!.baseline).not.toHaveProperty('terms')
  })

  test('of a net meter: a tenth of the magnitude, delivered by feeding in more', () => {
    // Baseline -300,000, ordered 30,000.
    expect(lines[1]!.intervals.map((each) => each.baseline)).toEqual(Array(4).fill(-300_000))
    expect(lines[1]!.intervals.map((each) => each.delivered)).toEqual([0, 15_000, 30_000, 30_000])
    expect(lines[1]!.intervals.map((each) => each.deficiency)).toEqual([30_000, 15_000, 0, 0])
    expect(lines[1]!.pay).toBeGreaterThan(0n)
  })

  test('of a load behind PV: its terms are added up, and missing where one is', () => {
    // Usual: net -600,000 + generation 900,000 = 300,000; ordered 30,000.
    const { intervals, missing } = lines[2]!
    expect(intervals.map((each) => each.baseline)).toEqual([300_000, 300_000, 300_000])
    expect(intervals.map((each) => each.metered)).toEqual([300_000, 260_000, 300_000])
    expect(intervals.map((each) => each.delivered)).toEqual([0, 30_000, 0])
    expect(missing).toEqual([startMs + 2 * stepMs])
  })

  test('of a heater: delivered at most what the building was reduced by', () => {
    // Usual 400,000, ordered 40,000 and delivered; the building usually 1,400,000.
    expect(lines[3]!.intervals.map((each) => each.delivered)).toEqual([0, 10_000, 40_000, 0])
    // It did what was ordered: no fee for what its building did.
    expect(lines[3]!.deficiency).toBe(0)
  })
})

test('the commitment is the one that is settled, and names the point', () => {
  const { root } = buildBaselineCommitment(inputs)
  expect(built.header.baselinesRoot).toBe(root)
  const participants = event.participants.map((each, index) =>
    index === 2
      ? { ...each, point: pointOf([{ meter: solar, sign: -1 as const }, add(generation)]) }
      : each,
  )
  const other = buildBaselineCommitment({ ...inputs, event: { ...event, participants } })
  expect(other.root).not.toBe(root)
})

test('a validator recomputes it from JSON, and refuses a meter that is settled twice', () => {
  const published = parsePublishedSettlement(JSON.parse(toJson(built.published)))
  expect(recomputeSettlement(published, built.header)).toEqual({ ok: true })
  const [first, second, ...rest] = published.members
  const term = published.members[2]!.point!.terms[1]!
  const terms = [...second!.point!.terms, { ...term, readings: [] }]
  const twice = { ...second!, point: { ...second!.point!, terms } }
  const forged = fitSettlement({ ...published, members: [first!, twice, ...rest] })
  expect(recomputeSettlement(forged, forged.header)).toMatchObject({
    refusal: { code: 'two-lines', pseudonym: term.meter },
  })
})

test.each([0, 1, 2, 3])('any change of the bundle of member %d is refused', (index) => {
  const { published, header, members: names } = built
  const rest = { state: 'settled', period: null, chain: null, verdicts: [] } as const
  const record = { format: 'wattproof-settlement-1', published, header, members: names } as const
  const meter = names[index]!.meter
  const bundle = JSON.parse(toJson(makeBundle({ record: { ...record, ...rest }, meter }))) as Json
  expect(verifyBundle(bundle)).toMatchObject({ ok: true })
  const paths = listPaths(bundle).filter(([part]) => part === 'member' || part === 'pointMeters')
  const accepted = paths.filter((path) =>
    changesOf(bundle, path).some((changed) => verifyBundle(changed).ok),
  )
  expect(accepted).toEqual([])
  const { pointMeters = [] } = makeBundle({ record: { ...record, ...rest }, meter })
  const point = event.participants[index]!.point
  expect(pointMeters.map((each) => each.meter)).toEqual(
    [...(point?.terms ?? []), ...(point?.boundary ?? [])].map((term) => term.meter),
  )
  // What no root binds may not be added either.
  const added = structuredClone(bundle) as { member: { baseline: Record<string, unknown> } }
  added.member.baseline.boundary ??= { ...added.member.baseline }
  added.member.baseline.terms ??= [[]]
  const isSame = toJson(added) === toJson(bundle)
  expect(verifyBundle(added).ok).toBe(isSame)
})

test('mirrored series: what one is short of, the other delivers', () => {
  const energies = fc.array(fc.integer({ min: -900_000, max: 900_000 }), {
    minLength: 4,
    maxLength: 4,
  })
  fc.assert(
    fc.property(energies, fc.integer({ min: -900_000, max: 900_000 }), (inEvent, move) => {
      const [one, other] = [1, -1].map((sign) => {
        const mirrored = [...site(move, inEvent)].map(([ms, mwh]) => [ms, energyMwh(sign * mwh)])
        const metered = new Map([[net, new Map(mirrored as [number, typeof zero][])]])
        const single = { ...event, participants: [event.participants[1]!] }
        const found = computeEventBaselines(single, metered)
        const settled = { ...inputs, event: single, metered, baselines: found.baselines }
        return buildSettlement(settled).settlement.lines[0]!
      })
      for (const [slot, interval] of one!.intervals.entries()) {
        const mirror = other!.intervals[slot]!
        expect(mirror.baseline + interval.baseline).toBe(0)
        expect(mirror.ordered).toBe(interval.ordered)
        // r = baseline - metered and -r: deficiency is what r leaves of the order, at least 0.
        const reduction = interval.baseline - interval.metered
        expect(interval.deficiency).toBe(Math.max(0, interval.ordered - reduction))
        expect(mirror.deficiency).toBe(Math.max(0, interval.ordered + reduction))
        expect(interval.delivered === 0 || mirror.delivered === 0).toBe(true)
      }
    }),
    { numRuns: 30 },
  )
})

const zero = energyMwh(0)
