import type { MeterReadings, UsedReading } from '../../schemas/baseline/computeBaseline.ts'
import type { DrEvent, Participant } from '../../schemas/event.ts'
import { meterPseudonym, type PointDefinition, pseudonymSalt } from '../../schemas/leaf.ts'
import type { PointTerm } from '../../schemas/pointTerm.ts'
import { intervalStarts } from '../../schemas/time.ts'
import type { Metered } from './eventBaselines.ts'
import type { PointFacts } from './published.ts'

/** The readings of an event's intervals, in order. */
export function listReadings(event: DrEvent, metered: MeterReadings | undefined): UsedReading[] {
  const { intervalS: durationS } = event
  return intervalStarts(event, durationS).flatMap((startMs) => {
    const energyMwh = metered?.get(startMs)
    return energyMwh === undefined ? [] : [{ startMs, durationS, energyMwh }]
  })
}

type PointFactsParameters = {
  readonly event: DrEvent
  readonly eventSecret: Uint8Array
  readonly metered: Metered
}

/** What is published of a participant's point: pseudonyms and what each meter read. */
export function pointFactsOf(
  { event, eventSecret, metered }: PointFactsParameters,
  { point }: Participant,
): PointFacts | undefined {
  if (!point) return undefined
  const factsOf = ({ meter, sign }: PointTerm) => ({
    meter: meterPseudonym(pseudonymSalt(eventSecret, meter), meter),
    sign,
    readings: listReadings(event, metered.get(meter)),
  })
  const { mayBeNegative, terms, boundary } = point
  return { mayBeNegative, terms: terms.map(factsOf), boundary: boundary.map(factsOf) }
}

/** The same without readings, as it is committed before the start. */
export function pointDefinitionOf(
  { eventSecret }: Pick<PointFactsParameters, 'eventSecret'>,
  { point }: Participant,
): PointDefinition | undefined {
  if (!point) return undefined
  const pseudonymOf = ({ meter, sign }: PointTerm) => ({
    meter: meterPseudonym(pseudonymSalt(eventSecret, meter), meter),
    sign,
  })
  const { mayBeNegative, terms, boundary } = point
  return { mayBeNegative, terms: terms.map(pseudonymOf), boundary: boundary.map(pseudonymOf) }
}
