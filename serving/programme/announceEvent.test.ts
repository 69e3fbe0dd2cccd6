import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  EventEndError,
  EventFarError,
  EventLengthError,
  EventOverlapError,
  EventPastError,
  EventSizeError,
  EventTimesError,
  MeasuredDifferentlyError,
  NegativeLeadError,
  NegativePriceError,
  NoAccountToPayError,
  NotEnrolledError,
  OccupantChangesError,
  OrderError,
  ParticipantCountError,
  ParticipantTwiceError,
  PointAccountError,
  PointProgrammeError,
  PointSettledError,
  SiteTwiceError,
} from '../../schemas/errors/event.ts'
import { NotFoundError } from '../../schemas/errors/wattproofError.ts'
import type { Terms } from '../../schemas/event.ts'
import { type Address, eventId, type MeterId, meterId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { readTerms } from '../../schemas/meter/point.ts'
import { firstStep, withStep } from '../../schemas/meter/step.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { exampleEvent } from '../settlement/testing/exampleEvent.ts'
import { announceEvent, firstProgress } from './announceEvent.ts'
import type { EventDraft } from './commands.ts'

const [a, b, c] = ['A', 'B', 'C'].map(meterId) as [MeterId, MeterId, MeterId]
const startMs = Date.UTC(2013, 1, 11, 17)
const stepMs = 1_800_000
const draft: EventDraft = {
  ...{ id: eventId('e-1'), terms: exampleEvent.terms, startMs, endMs: startMs + 4 * stepMs },
  ...{ participants: [a, b], controls: [c], excludedDates: [], holidays: [] },
}
const meterOf = (meter: MeterId, changes: Partial<Meter> = {}): Meter => {
  const account = `0x${'1'.repeat(40)}` as Address
  return aMeter({ zone: 'Europe/London', account, ...changes, meter })
}
const meters = [meterOf(a), meterOf(b), meterOf(c, { account: null })]
const announce = (changes: Partial<EventDraft> = {}, nowMs = startMs - 1) =>
  announceEvent({ draft: { ...draft, ...changes }, meters, others: [], nowMs })
const withTerms = (terms: Partial<Terms>) => announce({ terms: { ...draft.terms, ...terms } })

test('an event has zone and interval of its meters, and lists in a fixed order', () => {
  const lists = { excludedDates: ['2013-02-05', '2013-01-07'], holidays: ['2013-01-01'] }
  const nowMs = startMs - 5
  const event = announce({ participants: [b, a], ...lists }, nowMs)
  expect(event).toMatchObject({ zone: 'Europe/London', intervalS: 1800, announcedMs: nowMs })
  expect(event.participants.map(({ meter }) => meter)).toEqual([a, b])
  expect(event.excludedDates).toEqual(['2013-01-07', '2013-02-05'])
  // A meter of the control group is paid nothing and needs no account.
  expect(event.controls).toEqual([c])
  const again = announce({ ...lists, excludedDates: lists.excludedDates.toReversed() }, nowMs)
  expect(again).toEqual(event)
})

describe('times', () => {
  const range = (fromMs: number, lengthMs: number) => () =>
    announce({ startMs: startMs + fromMs, endMs: startMs + fromMs + lengthMs })

  test('an event is one interval to a day long, on boundaries of its interval', () => {
    fc.assert(
      fc.property(fc.integer({ min: -3, max: 60 }), (steps) => {
        const isFine = steps >= 1 && steps <= 48
        if (isFine) expect(range(0, steps * stepMs)().endMs).toBe(startMs + steps * stepMs)
        else expect(range(0, steps * stepMs)).toThrow(steps < 1 ? EventEndError : EventLengthError)
      }),
    )
    expect(range(0, 48 * stepMs)().endMs).toBe(startMs + 86_400_000)
    expect(range(0, 49 * stepMs)).toThrow(EventLengthError)
  })

  test('it ends at most ten years ahead, and within what the stores take', () => {
    const aheadMs = 3_653 * 86_400_000
    const nowMs = draft.endMs - aheadMs
    expect(announce({}, nowMs).endMs).toBe(draft.endMs)
    expect(() => announce({}, nowMs - 1)).toThrow(EventFarError)
    expect(() => announce({}, nowMs - 1)).toThrow(/^e-1 ends at 2013-02-11T19:00.* at the latest/)
    const lateMs = Date.UTC(2300, 0, 1)
    const late = { startMs: lateMs, endMs: lateMs + stepMs }
    expect(() => announce(late, lateMs - 1)).toThrow(EventFarError)
    // Without a clock only the stores bound it.
    expect(announce({}, Number.NEGATIVE_INFINITY).endMs).toBe(draft.endMs)
    expect(() => announce(late, Number.NEGATIVE_INFINITY)).toThrow(EventFarError)
  })

  test.each([
    ['its start', 1, stepMs - 1],
    ['its end', 0, stepMs + 1],
    ['both, a quarter of an hour off', 900_000, stepMs],
  ])('%s is on no boundary', (_, fromMs, lengthMs) => {
    expect(range(fromMs, lengthMs)).toThrow(EventTimesError)
  })

  test('it is announced before it starts, were it a millisecond', () => {
    expect(announce({}, startMs - 1).announcedMs).toBe(startMs - 1)
    for (const nowMs of [startMs, startMs + 1]) {
      expect(() => announce({}, nowMs)).toThrow(EventPastError)
    }
  })
})

describe('other events', () => {
  const known = firstProgress(announce())
  const ask = (changes: Partial<EventDraft>, others = [known]) => {
    const other = { ...draft, id: eventId('e-2'), ...changes }
    return () => announceEvent({ draft: other, meters, others, nowMs: startMs - 1 })
  }
  const from = (steps: number, length: number) => {
    return { startMs: startMs + steps * stepMs, endMs: startMs + (steps + length) * stepMs }
  }

  test('a participant is in one event at a time', () => {
    fc.assert(
      fc.property(fc.nat(8), fc.integer({ min: 1, max: 8 }), (steps, length) => {
        if (steps >= 4) expect(ask(from(steps, length))().id).toBe('e-2')
        else expect(ask(from(steps, length))).toThrow(EventOverlapError)
      }),
    )
    const later = firstProgress(announce(from(4, 4)))
    expect(ask(from(0, 4), [later])().id).toBe('e-2')
    expect(ask(from(0, 5), [later])).toThrow(EventOverlapError)
  })

  test('the sentence says which event, and how many of its meters', () => {
    expect(ask({})).toThrow('e-2 overlaps in time with e-1, which has 2 of its participants: ')
    expect(ask({ participants: [b], controls: [] })).toThrow('e-1, which has 1 of its')
  })

  test('others at the same time have other participants, or missed their commitment', () => {
    const alone = { participants: [a], controls: [] }
    const others = [firstProgress(announce({ participants: [b], controls: [a] }))]
    expect(ask(alone, others)().id).toBe('e-2')
    const missed = { ...known, problem: { kind: 'not-committed' as const } }
    expect(ask({}, [missed])().id).toBe('e-2')
    expect(ask({}, [missed, known])).toThrow(EventOverlapError)
  })
})

describe('terms', () => {
  test.each([1, 100_000, 1_000_000])('an order of %s ppm is one', (orderPpm) => {
    expect(withTerms({ orderPpm }).terms.orderPpm).toBe(orderPpm)
  })

  test.each([0, -1, 1_000_001])('an order of %s ppm is none', (orderPpm) => {
    expect(() => withTerms({ orderPpm })).toThrow(OrderError)
  })

  test('price, penalty and times to wait may be nothing, and not less', () => {
    const nothing = { priceMicrosPerKwh: 0n, penaltyMicrosPerKwh: 0n, commitLeadS: 0, latenessS: 0 }
    expect(withTerms(nothing).terms).toMatchObject(nothing)
    expect(() => withTerms({ priceMicrosPerKwh: -1n })).toThrow(NegativePriceError)
    expect(() => withTerms({ penaltyMicrosPerKwh: -1n })).toThrow(NegativePriceError)
    expect(() => withTerms({ commitLeadS: -1 })).toThrow(NegativeLeadError)
    expect(() => withTerms({ latenessS: -1 })).toThrow(NegativeLeadError)
    expect(() => withTerms({ baselineMethod: 'none' })).toThrow(NotFoundError)
  })
})

describe('members', () => {
  test('a meter has one part, as participant or as control', () => {
    expect(() => announce({ participants: [a, b, a] })).toThrow(ParticipantTwiceError)
    expect(() => announce({ controls: [c, c] })).toThrow(ParticipantTwiceError)
    expect(() => announce({ controls: [b] })).toThrow(ParticipantTwiceError)
  })

  test('there are 1 to 20,000', () => {
    expect(() => announce({ participants: [] })).toThrow(ParticipantCountError)
    const many = Array.from({ length: 20_001 }, (_, index) => meterId(`M${index}`))
    const asked = (participants: MeterId[]) => () =>
      announceEvent({
        ...{ draft: { ...draft, participants }, others: [], nowMs: startMs - 1 },
        meters: [...meters, ...many.map((each) => meterOf(each))],
      })
    expect(asked(many)).toThrow(ParticipantCountError)
    expect(asked(many.slice(1))().participants).toHaveLength(20_000)
  })

  test('together they have at most 400,000 intervals, controls included', () => {
    const seconds = (count: number) => ({ startMs, endMs: startMs + count * 1000 })
    const measured = meters.map(({ meter, account }) => meterOf(meter, { account, intervalS: 1 }))
    const asked = (participants: number, controls: number, count: number) => () => {
      const many = Array.from({ length: participants + controls }, (_, at) => meterId(`M${at}`))
      const drafted = {
        ...{ ...draft, ...seconds(count), participants: many.slice(0, participants) },
        controls: many.slice(participants),
      }
      const own = many.map((each) => meterOf(each, { intervalS: 1 }))
      const all = [...measured, ...own]
      return announceEvent({ draft: drafted, meters: all, others: [], nowMs: startMs - 1 })
    }
    expect(asked(100, 0, 4_000)().participants).toHaveLength(100)
    expect(asked(60, 40, 4_000)().controls).toHaveLength(40)
    expect(asked(100, 0, 4_001)).toThrow(EventSizeError)
    expect(asked(60, 41, 4_000)).toThrow(EventSizeError)
    const sentence = '200 meters × 86400 intervals are 17280000; an event has at most 400000.'
    expect(asked(200, 0, 86_400)).toThrow(sentence)
  })

  test('all are enrolled, and participants have an account', () => {
    const unknown = meterId('unknown')
    expect(() => announce({ participants: [a, unknown] })).toThrow(NotEnrolledError)
    expect(() => announce({ controls: [unknown] })).toThrow(NotEnrolledError)
    expect(() => announce({ participants: [a, c], controls: [] })).toThrow(NoAccountToPayError)
  })

  test.each([{ zone: 'UTC' }, { intervalS: 700 }])('%o differs from the others', (changes) => {
    const differing = [meterOf(a), meterOf(b, changes), meters[2]!]
    const ask = () => announceEvent({ draft, meters: differing, others: [], nowMs: startMs - 1 })
    expect(ask).toThrow(MeasuredDifferentlyError)
    expect(ask).toThrow('B (')
  })

  test('its intervals are the longest of its meters, which the others divide', () => {
    const mixed = [meterOf(a, { intervalS: 900 }), meterOf(b), meters[2]!]
    const event = announceEvent({ draft, meters: mixed, others: [], nowMs: startMs - 1 })
    expect(event.intervalS).toBe(1800)
  })

  test('it begins with an interval of its meters, where those start half past in UTC', () => {
    const hourly = [a, b, c].map((each) => meterOf(each, { zone: 'Asia/Kolkata', intervalS: 3600 }))
    const ask = (times: Pick<EventDraft, 'startMs' | 'endMs'>) => () => {
      const asked = { ...draft, ...times }
      return announceEvent({ draft: asked, meters: hourly, others: [], nowMs: startMs - 1 })
    }
    const half = { startMs: startMs + stepMs, endMs: startMs + 3 * stepMs }
    expect(ask(half)()).toMatchObject({ intervalS: 3600, zone: 'Asia/Kolkata' })
    expect(ask(draft)).toThrow(EventTimesError)
  })

  test('its intervals are those of its day: a step that was changed since is another one', () => {
    const fromMs = localDayNamed('2013-02-12', 'Europe/London').startMs
    const steps = withStep(firstStep(1800), { fromMs, intervalS: 900, gridOffsetS: 0 })
    const changed = [a, b, c].map((each) => meterOf(each, { steps }))
    const event = announceEvent({ draft, meters: changed, others: [], nowMs: startMs - 1 })
    expect(event.intervalS).toBe(1800)
  })
})

describe('settlement points', () => {
  const programme = draft.terms.programme
  const account = meters[0]!.account
  const site = 'HOME'
  const at = (meter: string, kind: Meter['kind'], changes: Partial<Meter> = {}) =>
    meterOf(meterId(meter), { kind, site, account: null, ...changes })
  const home = [at('NET', 'net', { account }), at('PV', 'generation'), at('HEAT', 'appliance')]
  const point = { site, programme, fromMs: 0, terms: readTerms('+NET +PV') }
  const announceHome = (
    participants: readonly string[],
    rest: Partial<Parameters<typeof announceEvent>[0]> = {},
  ) => {
    const own = { ...draft, participants: participants.map(meterId) }
    const all = { meters: [...meters, ...home], others: [], nowMs: startMs - 1 }
    return announceEvent({ draft: own, ...all, ...rest })
  }

  test('a meter that cannot be negative is settled by itself, as ever', () => {
    expect(announce().participants[0]).toEqual({ meter: a, account })
  })

  test('a net meter can be negative; a register of export is subtracted', () => {
    const terms = [{ meter: meterId('NET'), sign: 1 }]
    const net = {
      meter: meterId('NET'),
      account,
      point: { mayBeNegative: true, terms, boundary: [] },
    }
    expect(announceHome(['NET']).participants).toEqual([net])
    const fed = at('FED', 'export', { account, site: 'FARM' })
    const [member] = announceHome(['FED'], { meters: [fed, meters[2]!] }).participants
    expect(member!.point).toMatchObject({ mayBeNegative: true, terms: [{ sign: -1 }] })
  })

  test('a site is named and settled by its point at the start', () => {
    const points = [point, { ...point, fromMs: startMs + 1, terms: readTerms('+NET') }]
    const [member] = announceHome(['HOME'], { points }).participants
    expect(member).toEqual({
      ...{ meter: meterId('HOME'), account },
      point: { mayBeNegative: true, terms: point.terms, boundary: [] },
    })
    expect(() => announceHome(['PV'], { points })).toThrow(PointSettledError)
    expect(() => announceHome(['NET'], { points })).toThrow('settled as +NET +PV')
    const others = [{ ...point, programme: 'another' }]
    expect(() => announceHome(['HOME'], { points: others })).toThrow(PointProgrammeError)
    expect(() => announceHome(['HOME'], { points: [] })).toThrow(NotEnrolledError)
  })

  test('behind the boundary its net meter limits what is paid, and the occupant is paid', () => {
    const other = `0x${'2'.repeat(40)}` as Address
    const occupancies = [{ site, fromMs: 0, account: other }]
    const [member] = announceHome(['HEAT'], { occupancies }).participants
    expect(member).toEqual({
      ...{ meter: meterId('HEAT'), account: other },
      point: {
        mayBeNegative: false,
        terms: [{ meter: meterId('HEAT'), sign: 1 }],
        boundary: [{ meter: meterId('NET'), sign: 1 }],
      },
    })
    expect(() => announceHome(['HEAT'])).toThrow(NoAccountToPayError)
    const empty = [{ site, fromMs: 0, account: null }]
    expect(() => announceHome(['NET'], { occupancies: empty })).toThrow(NoAccountToPayError)
    const two = home.map((each) =>
      each.kind === 'generation' ? { ...each, account: other } : each,
    )
    expect(() => announceHome(['HOME'], { points: [point], meters: [...two, meters[2]!] })).toThrow(
      PointAccountError,
    )
  })

  test('an event has one occupant, and no day before the occupancy began counts', () => {
    const fromMs = localDayNamed('2013-02-11', 'Europe/London').startMs
    const occupancies = [{ site, fromMs, account }]
    expect(announceHome(['HEAT'], { occupancies }).participants[0]).toMatchObject({
      account,
      occupiedFromMs: fromMs,
    })
    const moving = [...occupancies, { site, fromMs: draft.startMs + stepMs, account: null }]
    expect(() => announceHome(['HEAT'], { occupancies: moving })).toThrow(OccupantChangesError)
    const next = [...occupancies, { site, fromMs: draft.endMs, account: null }]
    expect(announceHome(['HEAT'], { occupancies: next }).participants[0]?.account).toBe(account)
  })

  test('one point a site at a time: in the event, as a control, and in others meanwhile', () => {
    const accounts = home.map((each) => ({ ...each, account }))
    const all = { meters: [...meters, ...accounts] }
    expect(() => announceHome(['NET', 'HEAT'], all)).toThrow(SiteTwiceError)
    const controls = { ...draft, participants: [meterId('HEAT')], controls: [meterId('NET')] }
    expect(() => announceHome([], { ...all, draft: controls })).toThrow(ParticipantTwiceError)
    const first = firstProgress(announceHome(['NET'], all))
    const draftAfter = { ...draft, id: eventId('e-2'), participants: [meterId('HEAT')] }
    const others = [first]
    expect(() => announceHome([], { ...all, others, draft: draftAfter })).toThrow(EventOverlapError)
    const later = { ...draftAfter, startMs: draft.endMs, endMs: draft.endMs + stepMs }
    expect(announceHome([], { ...all, others, draft: later }).participants).toHaveLength(1)
  })
})
