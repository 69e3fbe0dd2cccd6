import { meterId } from '../../ids.ts'
import { bareMeter } from '../bareMeter.ts'
import { memberOf } from '../membership.ts'
import type { Meter } from '../meter.ts'

type Change = Partial<Omit<Meter, 'meter'>> & {
  readonly meter: string
  /** The only group it is in, without dates. */
  readonly group?: string
}

/** A half-hourly meter of the group `g` for a test, in UTC; say what matters to the test. */
export function aMeter({ group = 'g', ...change }: Change): Meter {
  const meter = meterId(change.meter)
  const groups = [memberOf(group)]
  const intervalS = change.intervalS ?? change.steps?.at(-1)?.intervalS ?? 1800
  return { ...bareMeter({ meter, intervalS }), groups, ...change, meter, intervalS }
}
