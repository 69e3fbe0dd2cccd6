import type { MeterReadings } from '../../schemas/baseline/computeBaseline.ts'
import type { DrEvent } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Metered } from './eventBaselines.ts'
import { metersOfParticipant } from './sumTerms.ts'

/**
 * What was metered of an event's meters since the occupants who are settled moved in: what a former
 * one used is no ordinary day of theirs.
 */
export function leaveOutFormer({ participants }: DrEvent, metered: Metered): Metered {
  const own = new Map<MeterId, MeterReadings>(metered)
  for (const participant of participants) {
    const { occupiedFromMs: fromMs } = participant
    if (fromMs === undefined) continue
    for (const meter of metersOfParticipant(participant)) {
      const readings = metered.get(meter)
      if (!readings) continue
      own.set(meter, new Map([...readings].filter(([startMs]) => startMs >= fromMs)))
    }
  }
  return own
}
