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

/** Delivered by member, mWh; null where the view has no figure. */
export type SpeedFigures = ReadonlyMap<MeterId, number | null>

/**
 * The delivered energy that the speed layer shows when an event ends.
 *
 * Applies the settlement's formula to the committed baselines and the speed layer's energies, so
 * that only late and corrected readings can make the settlement differ from it.
 */
export function computeSpeedFigures(parameters: ComputeSpeedFiguresParameters): SpeedFigures {
  const { event, baselines, shown } = parameters
  const { lines } = settleEvent({ event, baselines, metered: shown, balances: new Map() })
  const figures = lines.map(({ meter, delivered, intervals }) => {
    return [meter, intervals.length === 0 ? null : delivered] as const
  })
  return new Map(figures)
}

/** The energy delivered by all members that have a figure, mWh. */
export function deliveredMwhOf(figures: SpeedFigures): number {
  return [...figures.values()].reduce<number>((sum, figure) => sum + (figure ?? 0), 0)
}
