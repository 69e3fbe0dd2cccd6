import { expect, test } from 'vitest'
import { exampleDeviations, exampleEvent } from '../testing/exampleBodies.ts'
import { deliveryHeadline, planHeadline } from './headline.ts'
import type { PortfolioInterval } from './portfolio.ts'

const zone = 'Europe/London'
const interval: PortfolioInterval = {
  startMs: Date.UTC(2013, 1, 11, 17),
  endMs: Date.UTC(2013, 1, 11, 17, 30),
  ...{ loadW: 11_000, baselineW: 10_000, members: 24, isProvisional: true },
}
const portfolio = { intervals: [interval], members: 24, filling: null, leftOut: [] }
const quiet = { running: null, deviations: null, zone }

test('on plan from nine tenths of the order, behind from six, off below', () => {
  const word = (deliveredMwh: number) => {
    const deviations = { ...exampleDeviations, orderedMwh: 1000, deliveredMwh }
    return planHeadline({ portfolio, running: exampleEvent, deviations, zone })
  }
  expect([900, 899, 600, 599].map((mwh) => word(mwh)?.word)).toEqual([
    'On plan',
    'Behind plan',
    'Behind plan',
    'Off plan',
  ])
  expect(word(900)?.sentence).toContain('ends at 18:00')
})

test('without an order the load is compared with its baseline', () => {
  expect(planHeadline({ portfolio, ...quiet })).toMatchObject({ word: 'As usual', figure: '11.0' })
  const above = { ...portfolio, intervals: [{ ...interval, loadW: 12_000 }] }
  expect(planHeadline({ portfolio: above, ...quiet })?.word).toBe('Above usual')
  const solar = { ...interval, loadW: -8_000, baselineW: -10_000 }
  const fedIn = planHeadline({ portfolio: { ...portfolio, intervals: [solar] }, ...quiet })
  expect(fedIn).toMatchObject({ word: 'Above usual', figure: '−8.00' })
  expect(fedIn!.sentence).toContain('Fed into the grid, in all, by 24 sites')
  const unknown = { ...portfolio, intervals: [{ ...interval, baselineW: null }] }
  expect(planHeadline({ portfolio: unknown, ...quiet })?.word).toBe('No plan yet')
  expect(planHeadline({ portfolio: { ...portfolio, intervals: [] }, ...quiet })).toBeNull()
})

test('the settled figure precedes the live one, and that the sum so far', () => {
  const of = (over: object) =>
    deliveryHeadline({ ...exampleEvent, ...over }, exampleDeviations, zone)
  expect(of({})).toMatchObject({ word: 'Provisional, so far', figure: '0.900', isSettled: false })
  const ended = { speedDeliveredMwh: 700_000 }
  expect(of(ended)).toMatchObject({ word: 'Provisional', figure: '0.700', isSettled: false })
  const settled = of({ ...ended, deliveredMwh: 500_000 })
  expect(settled).toMatchObject({ word: 'Settled', figure: '0.500', tone: 'trouble' })
  expect(settled.isSettled).toBe(true)
  expect(settled.sentence.replaceAll('\u00a0', ' ')).toBe(
    'of 1.00 kWh ordered was delivered: 50 %.',
  )
})

test('before it begins, the headline shows what is ordered, once that is known', () => {
  const announced = { ...exampleEvent, orderedMwh: null }
  expect(deliveryHeadline(announced, null, zone)).toMatchObject({ word: 'Announced', figure: '–' })
  expect(deliveryHeadline(exampleEvent, null, zone).sentence).toContain('Ordered of 2 meters')
})
