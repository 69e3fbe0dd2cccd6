import fc from 'fast-check'
import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import { energyMwh } from '../../schemas/units.ts'
import { meteredTerms, metersOf, sumMeters, sumTerms } from './sumTerms.ts'
import { exampleEvent } from './testing/exampleEvent.ts'

const [a, b, c] = ['A', 'B', 'C'].map(meterId) as [MeterName, MeterName, MeterName]
type MeterName = ReturnType<typeof meterId>
const readings = (...energies: readonly (number | null)[]) =>
  new Map(energies.flatMap((each, at) => (each === null ? [] : [[at, energyMwh(each)] as const])))

test('load = net + generation - storage, missing where a term is', () => {
  const metered = new Map([
    [a, readings(-700, 300, null, 5)],
    [b, readings(900, 0, 10, 7)],
    [c, readings(150, -200, 10, null)],
  ])
  const load = sumMeters(
    [
      { meter: a, sign: 1 },
      { meter: b, sign: 1 },
      { meter: c, sign: -1 },
    ],
    metered,
  )
  // -700 + 900 - 150 = 50; 300 + 0 + 200 = 500; the third misses net, the fourth storage.
  expect(load).toEqual(readings(50, 500))
  expect(sumMeters([{ meter: meterId('D'), sign: 1 }], metered)).toEqual(new Map())
  expect([...sumMeters([{ meter: b, sign: -1 }], metered).values()]).toEqual([-900, 0, -10, -7])
})

test('export as a subtracted register is the net meter that shows it as negative', () => {
  const energies = fc.array(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), { minLength: 1 })
  fc.assert(
    fc.property(energies, (each) => {
      const taken = readings(...each.map((mwh) => Math.max(mwh, 0)))
      const fedIn = readings(...each.map((mwh) => Math.max(-mwh, 0)))
      const net = sumTerms([{ sign: 1 }, { sign: -1 }], [taken, fedIn])
      expect(net).toEqual(readings(...each))
    }),
  )
})

test('a meter by itself is one term, and every meter is read once', () => {
  const [first, ...others] = exampleEvent.participants
  expect(meteredTerms(first!)).toEqual([{ meter: first!.meter, sign: 1 }])
  const terms = [{ meter: a, sign: 1 } as const]
  const boundary = [{ meter: b, sign: 1 } as const]
  const point = { mayBeNegative: false, terms, boundary }
  const participants = [
    { ...first!, point },
    { ...first!, meter: c, point: { ...point, terms: [{ meter: c, sign: -1 as const }] } },
  ]
  expect(metersOf({ participants })).toEqual([a, b, c])
  expect(metersOf({ participants: others })).toEqual(others.map(({ meter }) => meter))
})
