import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import { mayBeNegative, meterKinds } from '../../schemas/meter/kind.ts'
import { firstStep, withStep } from '../../schemas/meter/step.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { judgeMeter } from './judgeMeter.ts'

const read = (mwh: number, powerW: number | null = null) => {
  const interval = { startMs: Date.UTC(2026, 4, 1), durationS: 1800 }
  return { meter: meterId('A'), ...interval, energyMwh: energyMwh(mwh), powerW }
}

test.each(meterKinds)('a negative value of a meter of the kind %s', (kind) => {
  for (const reading of [read(-1), read(0, -0.5), read(5, -1)]) {
    const refusal = judgeMeter(reading, aMeter({ meter: 'A', kind }))
    if (mayBeNegative(kind)) expect(refusal).toBeNull()
    else expect(refusal).toMatchObject({ reason: 'negative-energy' })
  }
  for (const reading of [read(0), read(1, 2)])
    expect(judgeMeter(reading, aMeter({ meter: 'A', kind }))).toBeNull()
})

test('a refusal says the kind of the meter and how to change it', () => {
  expect(judgeMeter(read(-1), aMeter({ meter: 'A', kind: 'import' }))!.detail).toBe(
    'The energy is negative, and A is of the kind import, which only counts up. If it also ' +
      'measures what is fed in: `wattproof meter set A --kind net`, then `wattproof dlq retry`.',
  )
  const fedIn = judgeMeter(read(-1), aMeter({ meter: 'A', kind: 'export' }))!.detail
  expect(fedIn).toContain('counts up what is fed in. Send it without the sign')
  expect(fedIn).toContain('`--flow export=import`')
  expect(judgeMeter(read(-1), undefined)).toMatchObject({ reason: 'unknown-meter' })
})

const adelaide = { meter: 'A', zone: 'Australia/Adelaide' }
const at = (start: string, durationS: number) => {
  return { ...read(1), startMs: Date.parse(start), durationS }
}

test('hours start at local hours, also where those are half past in UTC', () => {
  const hourly = aMeter({ ...adelaide, intervalS: 3600 })
  expect(judgeMeter(at('2024-01-01T00:00+10:30', 3600), hourly)).toBeNull()
  expect(judgeMeter(at('2024-01-01T00:30+10:30', 3600), hourly)).toEqual({
    reason: 'overlap',
    detail:
      '2023-12-31T14:00:00.000Z starts within an interval of A: it overlaps those of ' +
      '2023-12-31T13:30Z and 2023-12-31T14:30Z. Correct it, or the zone of the meter, or ' +
      '`wattproof meter set A --interval 3600 --grid-offset 1800 --from 2024-01-01`.',
  })
  const steps = firstStep(3600, 1800)
  expect(judgeMeter(at('2024-01-01T00:30+10:30', 3600), aMeter({ ...adelaide, steps }))).toBeNull()
})

test('another length than that of the date is refused, with the act that would change it', () => {
  const fromMs = localDayNamed('2024-01-02', adelaide.zone).startMs
  const steps = withStep(firstStep(3600), { fromMs, intervalS: 1800, gridOffsetS: 0 })
  const changed = aMeter({ ...adelaide, steps })
  expect(judgeMeter(at('2024-01-01T23:00+10:30', 3600), changed)).toBeNull()
  expect(judgeMeter(at('2024-01-02T00:00+10:30', 1800), changed)).toBeNull()
  expect(judgeMeter(at('2024-01-02T00:00+10:30', 3600), changed)).toEqual({
    reason: 'wrong-interval',
    detail:
      'It lasts 3600 s, and on 2024-01-02 the intervals of A last 1800 s. Correct duration_s, ' +
      'or, if the meter was changed, `wattproof meter set A --interval 3600 --from 2024-01-02`, ' +
      'then `wattproof dlq retry`.',
  })
  expect(judgeMeter(at('2024-01-01T23:00+10:30', 1800), changed)?.reason).toBe('wrong-interval')
})

test('a daily meter has a day of 25 hours, and no other length of it', () => {
  const daily = aMeter({ meter: 'A', zone: 'Europe/London', intervalS: 86_400 })
  expect(judgeMeter(at('2013-10-27T00:00+01:00', 90_000), daily)).toBeNull()
  expect(judgeMeter(at('2013-10-27T00:00+01:00', 86_400), daily)).toEqual({
    reason: 'wrong-interval',
    detail:
      'It lasts 86400 s. The last interval of A on 2013-10-27 has 90000 s, up to the first one ' +
      'of the next day. Send it as long as that.',
  })
})
