import type { DrEvent } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Baselines, Metered } from './eventBaselines.ts'
import { settleEvent } from './settleEvent.ts'

export type ComputeSpeedFiguresParameters = {
  readonly event: DrEvent
  readonly baselines: Baselines
  /** Energies of the event's intervals as the merged view has them now. */
  readonly shown: Metered
}

export type ComputeSpeedFiguresReturnType = {
  /** Delivered by member, mWh; null where the view has no figure. */
  readonly figures: ReadonlyMap<MeterId, number | null>
  readonly deliveredMwh: number
}

/**
 * The delivered energy that the speed layer shows when an event ends.
 *
 * Applies the settlement's formula to the committed baselines and the speed layer's energies, so
 * that only late and corrected readings can make the settlement differ from it.
 */
export function computeSpeedFigures(
  parameters: ComputeSpeedFiguresParameters,
): ComputeSpeedFiguresReturnType {
  const { event, baselines, shown } = parameters
  const { lines } = settleEvent({ event, baselines, metered: shown, balances: new Map() })
  const figures = lines.map(({ meter, delivered, intervals }) => {
    return [meter, intervals.length === 0 ? null : delivered] as const
  })
  const deliveredMwh = figures.reduce((sum, [, figure]) => sum + (figure ?? 0), 0)
  return { figures: new Map(figures), deliveredMwh }
}
