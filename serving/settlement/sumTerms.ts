import type { MeterReadings, UsedReading } from '../../schemas/baseline/computeBaseline.ts'
import type { DrEvent, Participant } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { PointTerm } from '../../schemas/pointTerm.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { type EnergyMwh, energyMwh } from '../../schemas/units.ts'

/** The terms of what is settled: a meter by itself is a point of one. */
export function meteredTerms({ meter, point }: Participant): readonly PointTerm[] {
  return point?.terms ?? [{ meter, sign: 1 }]
}

/** Every meter that a settlement reads, once: those of the points and of their boundaries. */
export function metersOf({ participants }: Pick<DrEvent, 'participants'>): MeterId[] {
  return [...new Set(participants.flatMap(metersOfParticipant))]
}

export function metersOfParticipant(participant: Participant): MeterId[] {
  const boundary = participant.point?.boundary ?? []
  return [...meteredTerms(participant), ...boundary].map(({ meter }) => meter)
}

/** The signed sum of some meters by start of interval; missing where a term is. */
export function sumTerms(
  terms: readonly Pick<PointTerm, 'sign'>[],
  readings: readonly (MeterReadings | undefined)[],
): MeterReadings {
  const [first, ...others] = readings
  const [only] = terms
  if (!first) return new Map()
  if (others.length === 0 && only?.sign === 1) return first
  const sums = new Map<EpochMs, EnergyMwh>()
  for (const startMs of first.keys()) {
    const energies = readings.flatMap((each) => each?.get(startMs) ?? [])
    if (energies.length < terms.length) continue
    const sum = energies.reduce<number>((whole, each, at) => whole + terms[at]!.sign * each, 0)
    sums.set(startMs, energyMwh(sum))
  }
  return sums
}

/** The signed sum of a point's terms, from the readings of every meter. */
export function sumMeters(
  terms: readonly PointTerm[],
  readings: ReadonlyMap<MeterId, MeterReadings>,
): MeterReadings {
  return sumTerms(
    terms,
    terms.map(({ meter }) => readings.get(meter)),
  )
}

export function energiesOf(readings: readonly UsedReading[]): MeterReadings {
  return new Map(readings.map((each) => [each.startMs, each.energyMwh]))
}
