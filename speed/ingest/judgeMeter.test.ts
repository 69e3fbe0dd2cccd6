import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import { mayBeNegative, meterKinds } from '../../schemas/meter/kind.ts'
import { energyMwh } from '../../schemas/units.ts'
import { judgeMeter } from './judgeMeter.ts'

const read = (mwh: number, powerW: number | null = null) => {
  return { meter: meterId('A'), energyMwh: energyMwh(mwh), powerW }
}

test.each(meterKinds)('a negative value of a meter of the kind %s', (kind) => {
  for (const reading of [read(-1), read(0, -0.5), read(5, -1)]) {
    const refusal = judgeMeter(reading, { kind })
    if (mayBeNegative(kind)) expect(refusal).toBeNull()
    else expect(refusal).toMatchObject({ reason: 'negative-energy' })
  }
  for (const reading of [read(0), read(1, 2)]) expect(judgeMeter(reading, { kind })).toBeNull()
})

test('a refusal says the kind of the meter and how to change it', () => {
  expect(judgeMeter(read(-1), { kind: 'import' })!.detail).toBe(
    'It is negative, and A is of the kind import, which only counts up. If it also measures what ' +
      'is fed in: `wattproof meter set A --kind net`, then `wattproof dlq retry`.',
  )
  expect(judgeMeter(read(-1), undefined)).toMatchObject({ reason: 'unknown-meter' })
})
