import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError, InvariantError } from '../../schemas/errors/wattproofError.ts'
import { energyMwh, moneyMicros } from '../../schemas/units.ts'
import { buildSettlement } from './buildSettlement.ts'
import { emptyBaseline } from './eventBaselines.ts'
import type { EventFacts, MemberFacts } from './published.ts'
import {
  nameArgument,
  refuseBaseline,
  refuseEvent,
  refuseReadings,
  refuseSettledBefore,
} from './refuseMember.ts'
import { exampleInputs } from './testing/exampleEvent.ts'

const { event, members } = buildSettlement(exampleInputs()).published
const member = members[0]!
const stepMs = event.intervalS * 1000

describe('an event', () => {
  const lasting = (lengthS: number, changes: Partial<EventFacts> = {}) =>
    refuseEvent({ ...event, endMs: event.startMs + 1000 * lengthS, ...changes })

  test.each([1800, 3600, 7200, 86_400])('of %s s is settled', (lengthS) => {
    expect(lasting(lengthS)).toBe(null)
  })

  test.each([0, -1800, 1799, 1801, 2700, 1800.5, 86_400 + 1800])('of %s s is not', (lengthS) => {
    expect(lasting(lengthS)).toEqual({ code: 'event-range', lengthS })
  })

  test('is settled once: no revision but the first', () => {
    for (const revision of [0, 2]) {
      expect(lasting(1800, { revision })).toEqual({ code: 'revision', revision })
    }
  })
})

describe('readings', () => {
  const refuse = (readings: MemberFacts['readings']) => refuseReadings(event, { readings })
  const [first, second, ...rest] = member.readings
  const moved = (byMs: number) => ({ ...first!, startMs: first!.startMs + byMs })

  test('may be any intervals of the event, in their order', () => {
    fc.assert(
      fc.property(fc.subarray([...member.readings]), (some) => {
        expect(refuse(some)).toBe(null)
        expect(refuse(some.toReversed())?.code).toBe(some.length > 1 ? 'out-of-order' : undefined)
      }),
    )
    expect(member.readings).toHaveLength(4)
  })

  test.each([
    ['before the event', -stepMs],
    ['at its end', 4 * stepMs],
    ['between two intervals', 1],
    ['of another second', 1000],
  ])('%s are refused', (_, byMs) => {
    const { startMs } = moved(byMs)
    expect(refuse([moved(byMs)])).toEqual({ code: 'no-interval', part: 'readings', startMs })
  })

  test('of one interval twice, or of another length, are refused', () => {
    const { startMs } = first!
    const part = 'readings'
    expect(refuse([first!, first!])).toEqual({ code: 'out-of-order', part, startMs })
    expect(refuse([second!, first!, ...rest])).toEqual({ code: 'out-of-order', part, startMs })
    const longer = { ...second!, durationS: 3600 }
    expect(refuse([first!, longer])).toEqual({
      ...{ code: 'reading-length', part, startMs: second!.startMs, durationS: 3600 },
    })
  })
})

test('nothing was settled before the first revision', () => {
  expect(refuseSettledBefore({ settledBefore: moneyMicros(0n) })).toBe(null)
  for (const amount of [1n, -1n, 2n ** 60n]) {
    const refusal = refuseSettledBefore({ settledBefore: moneyMicros(amount) })
    expect(refusal).toEqual({ code: 'settled-before', settledBefore: String(amount) })
  }
})

describe('a baseline', () => {
  const refuse = (changes: Partial<MemberFacts['baseline']>) =>
    refuseBaseline(event, { baseline: { ...member.baseline, ...changes } })
  const { used, intervals } = member.baseline

  test('is computed again from the readings it used', () => {
    expect(refuse({})).toBe(null)
    expect(used.length).toBeGreaterThan(40)
    expect(refuseBaseline(event, { baseline: emptyBaseline })).toBe(null)
  })

  test('of which any interval is a milliwatt-hour off is refused', () => {
    for (const at of intervals.keys()) {
      for (const by of [1, -1]) {
        const forged = intervals.map((each, index) => {
          const baselineMwh = energyMwh(each.baselineMwh + (index === at ? by : 0))
          return { ...each, baselineMwh }
        })
        expect(refuse({ intervals: forged })).toMatchObject({
          code: 'baseline',
          field: 'intervals',
        })
      }
    }
    expect(refuse({ intervals: intervals.slice(1) })).toMatchObject({ field: 'intervals' })
    // From no reading there is no baseline, whatever is stated.
    expect(refuse({ used: [] })).toMatchObject({ code: 'baseline', field: 'intervals' })
    expect(refuse({ flags: ['few-days'] })).toMatchObject({ code: 'baseline', field: 'flags' })
  })

  test('from a reading of the event itself is refused, and from one just before it is not', () => {
    const last = used.at(-1)!
    const at = (startMs: number) => refuse({ used: [...used, { ...last, startMs }] })
    const { startMs } = event
    expect(at(startMs)).toEqual({ code: 'used-after-start', startMs })
    expect(at(startMs + stepMs)).toMatchObject({ code: 'used-after-start' })
    expect(at(startMs - stepMs)?.code).not.toBe('used-after-start')
  })

  test('from readings in disorder is refused', () => {
    expect(refuse({ used: used.toReversed() })).toMatchObject({
      ...{ code: 'out-of-order', part: 'baseline', startMs: used.at(-2)!.startMs },
    })
    expect(refuse({ used: [used[0]!, ...used] })).toMatchObject({ code: 'out-of-order' })
    const short = used.map((each) => ({ ...each, durationS: 900 }))
    expect(refuse({ used: short })).toMatchObject({ code: 'reading-length', durationS: 900 })
  })
})

test('an error in published numbers is a refusal; our own mistake is not', () => {
  const throwing = (error: Error) => () => {
    throw error
  }
  const theirs = new InvalidArgumentError('It does not fit.')
  expect(nameArgument('baseline', throwing(theirs))).toEqual({
    ...{ code: 'not-computed', part: 'baseline', reason: 'It does not fit.' },
  })
  for (const ours of [new InvariantError('Broken.'), new TypeError('undefined')]) {
    expect(() => nameArgument('baseline', throwing(ours))).toThrow(ours)
  }
  expect(nameArgument('baseline', () => null)).toBe(null)
})
