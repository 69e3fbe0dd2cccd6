import { meterId } from '../../ids.ts'
import { bareMeter } from '../bareMeter.ts'
import type { Meter } from '../meter.ts'

/** A half-hourly meter of the group `g` for a test, in UTC; say what matters to the test. */
export function aMeter(change: Partial<Omit<Meter, 'meter'>> & { readonly meter: string }): Meter {
  const meter = meterId(change.meter)
  return { ...bareMeter({ meter, intervalS: 1800 }), group: 'g', ...change, meter }
}
