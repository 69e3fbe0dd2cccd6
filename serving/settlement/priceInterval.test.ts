import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { energyMwh } from '../../schemas/units.ts'
import { orderOfMwhDown, priceInterval } from './priceInterval.ts'

const kwh = (value: number) => energyMwh(value * 1_000_000)
const order = {
  baseline: kwh(10),
  ordered: kwh(2),
  priceMicrosPerKwh: 7_000_000n,
  penaltyMicrosPerKwh: 11_000_000n,
}

test.each([
  // metered, delivered, deficiency, pay          at 7 a kWh delivered and 11 a kWh missing
  [7, 2, 0, 14], //  3 below, 2 count:             2 * 7
  [8, 2, 0, 14], //  exactly the order:            2 * 7
  [9, 1, 1, -4], //  half of it:                   1 * 7 - 1 * 11
  [10, 0, 2, -22], // nothing:                            - 2 * 11
  [11, 0, 3, -33], // above the baseline:                 - 3 * 11
])('metered %d kWh', (metered, delivered, deficiency, pay) => {
  const settled = priceInterval({ ...order, metered: kwh(metered) })
  expect(settled).toMatchObject({ delivered: kwh(delivered), deficiency: kwh(deficiency) })
  expect(settled.incentive - settled.fee).toBe(BigInt(pay) * 1_000_000n)
})

test('refuses an order to consume more', () => {
  const wrong = { ...order, ordered: energyMwh(-1), metered: kwh(9) }
  expect(() => priceInterval(wrong)).toThrow(InvalidArgumentError)
})

test('an order is a share of the baseline, rounded down', () => {
  expect(orderOfMwhDown(energyMwh(1_000_005), 100_000)).toBe(100_000)
  expect(orderOfMwhDown(energyMwh(9), 100_000)).toBe(0)
})

test('delivery and incentive never exceed the order, and delivery and fee are not negative', () => {
  const energy = fc.integer({ min: 0, max: 50_000_000 }).map(energyMwh)
  const price = fc.bigInt({ min: 0n, max: 10_000_000n })
  fc.assert(
    fc.property(energy, energy, energy, price, price, (baseline, metered, ordered, up, down) => {
      const prices = { priceMicrosPerKwh: up, penaltyMicrosPerKwh: down }
      const settled = priceInterval({ baseline, metered, ordered, ...prices })
      expect(settled.delivered).toBeLessThanOrEqual(ordered)
      expect(settled.delivered).toBeGreaterThanOrEqual(0)
      expect(settled.incentive).toBeLessThanOrEqual((BigInt(ordered) * up) / 1_000_000n)
      expect(settled.fee).toBeGreaterThanOrEqual(0n)
    }),
  )
})
