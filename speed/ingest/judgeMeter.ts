import { mayBeNegative } from '../../schemas/meter/kind.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { type Refusal, refuse } from './refusal.ts'

/** What the enrolment of its meter has against a reading; null: nothing. */
export function judgeMeter(
  { meter, energyMwh, powerW }: Pick<Reading, 'meter' | 'energyMwh' | 'powerW'>,
  enrolled: Pick<Meter, 'kind'> | undefined,
): Refusal | null {
  if (!enrolled) return refuse('not-enrolled', { meter })
  const { kind } = enrolled
  const isBelow = energyMwh < 0 || (powerW ?? 0) < 0
  return isBelow && !mayBeNegative(kind) ? refuse('negative-energy', { meter, kind }) : null
}
