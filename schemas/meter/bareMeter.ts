import { defaultKind } from './kind.ts'
import type { Meter } from './meter.ts'
import { firstStep } from './step.ts'

/** A meter of which only its readings are known: a site of its own, in no group and unpaid. */
export function bareMeter({ meter, intervalS }: Pick<Meter, 'meter' | 'intervalS'>): Meter {
  return {
    ...{ meter, site: meter, kind: defaultKind, zone: 'UTC', groups: [] },
    ...{ intervalS, steps: firstStep(intervalS), account: null },
  }
}
