import type { DrEvent } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Baselines, Metered } from './eventBaselines.ts'
import { settleEvent } from './settleEvent.ts'

export type ComputeSpeedFiguresParameters = {
  readonly event: DrEvent
  readonly baselines: Baselines
  /** Energies of the event's intervals as the merged view shows them now. */
  readonly shown: Metered
}

export type ComputeSpeedFiguresReturnType = {
  /** Delivered by member, mWh; null where the view shows nothing of it. */
  readonly figures: ReadonlyMap<MeterId, number | null>
  readonly deliveredMwh: number
}

/**
 * What the speed layer shows as delivered when an event ends.
 *
 * It is the settlement's own formula on the committed baselines and the energies the speed layer
 * has: what differs later is what came late or was corrected, and nothing else.
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
