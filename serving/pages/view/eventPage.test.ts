import { expect, test } from 'vitest'
import type { Reconciliation } from '../../shapes/events.ts'
import { exampleDeviations, exampleEvent, exampleInterval } from '../testing/exampleBodies.ts'
import { chooseEvent, eventPicture, membersByDelivery, stepsOf } from './eventPage.ts'

const at = (day: number, over: object = {}) => ({
  ...exampleEvent,
  id: `day-${day}`,
  start: `2013-02-${day}T17:00:00.000Z`,
  end: `2013-02-${day}T18:00:00.000Z`,
  ...over,
})
const now = (stamp: string) => Date.parse(`2013-02-${stamp}:00Z`)

test('a page shows the running event, else the last that began, else the next', () => {
  const events = [at(20), at(11)]
  expect(chooseEvent(events, now('11T17:30'))?.id).toBe('day-11')
  expect(chooseEvent(events, now('15T00:00'))?.id).toBe('day-11')
  expect(chooseEvent(events, now('20T18:00'))?.id).toBe('day-20')
  expect(chooseEvent(events, now('10T00:00'))?.id).toBe('day-11')
  expect(chooseEvent([], now('10T00:00'))).toBeNull()
})

test('the state of an event is the last step it has reached; paid is done', () => {
  expect(stepsOf(exampleEvent).map(({ state }) => state)).toEqual([
    ...['done', 'done', 'now'],
    ...['ahead', 'ahead', 'ahead', 'ahead', 'ahead'],
  ])
  const paid = { reached: { ...exampleEvent.reached, paid: exampleEvent.end } }
  expect(stepsOf(paid).every(({ state }) => state === 'done')).toBe(true)
})

test('load is lighter while it may change; delivered and ordered lie below the baseline', () => {
  const picture = eventPicture(exampleDeviations, now('11T17:45'))
  expect(picture.lines.map(({ key, values }) => [key, values])).toEqual([
    ['baseline', [10_000, 10_000, 10_000]],
    ['load', [null, null, null]],
    ['load-live', [8000, 8000, 8000]],
  ])
  const blocks = picture.blocks.map(({ kind, low, high }) => [kind, low, high])
  expect(blocks).toEqual([
    ['delivered', 9200, 10_000],
    ['ordered', 9000, 10_000],
    ['delivered', 9000, 10_000],
    ['ordered', 9000, 10_000],
  ])
  expect(picture.spans.map(({ kind }) => kind)).toEqual(['event', 'adjustment'])
  const settled = eventPicture({ ...exampleDeviations, isProvisional: false }, 0)
  expect(settled.lines.find(({ key }) => key === 'load')?.values).toEqual([8000, 8000, 8000])
})

test('an interval that meters still report for is left out', () => {
  const late = exampleInterval('2013-02-11T17:30:00.000Z', { members: 1 })
  const intervals = [exampleInterval('2013-02-11T17:00:00.000Z'), late]
  expect(eventPicture({ ...exampleDeviations, intervals }, 0).starts).toHaveLength(1)
})

const line = (name: string, deliveredMwh: number) => ({
  ...{
    pseudonym: `0x${name.repeat(64)}`,
    speedDeliveredMwh: null,
    differenceMwh: null,
    missing: 1,
  },
  deliveredMwh,
})
const reconciliation: Reconciliation = {
  ...{ id: 'e', orderedMwh: 1, speedDeliveredMwh: 1, deliveredMwh: 1, differenceMwh: 0 },
  sentence: '',
  members: [
    { ...line('a', 40), meter: 'A' },
    { ...line('b', 30), meter: 'B' },
  ],
}

test('members are sorted by their share of the order, settled figures take precedence', () => {
  const members = [
    { meter: 'A', orderedMwh: 100, deliveredMwh: 90, intervals: [] },
    { meter: 'B', orderedMwh: 50, deliveredMwh: 10, intervals: [] },
    { meter: 'C', orderedMwh: 0, deliveredMwh: 0, intervals: [] },
  ]
  const sorted = membersByDelivery({ ...exampleDeviations, members }, reconciliation)
  expect(sorted.map(({ meter, share }) => [meter, share])).toEqual([
    ['B', 0.6],
    ['A', 0.4],
    ['C', null],
  ])
})

test('without the token no meter is shown', () => {
  const { members: _, ...totals } = reconciliation
  expect(membersByDelivery(exampleDeviations, totals)).toEqual([])
})
