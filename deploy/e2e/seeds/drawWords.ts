import { mayBeNegative } from '../../../schemas/meter/kind.ts'
import { quality, type Reading, standing } from '../../../schemas/reading/reading.ts'
import { stated } from '../../../schemas/reading/testing/aReading.ts'
import { energyMwh } from '../../../schemas/units.ts'
import type { Random } from '../../simulate/random.ts'
import type { FleetMeter, StageName } from './world.ts'

/** A word, and the stage in which it arrives. */
export type StagedWord = { readonly stage: StageName; readonly reading: Reading }

type WordsOf = {
  readonly meter: FleetMeter
  readonly startMs: number
  /** The stage of its time. */
  readonly stage: StageName
  readonly random: Random
}

const later: Readonly<Record<StageName, StageName>> = {
  history: 'morning',
  morning: 'rest',
  rest: 'rest',
}
/** How many of a hundred intervals; one may be several. */
const shares = { missing: 2, late: 4, estimated: 6, restated: 8, void: 3, other: 5, wrong: 4 }

/**
 * What is said of one interval: mostly one word, in its time. Others are late, restated, void, of a
 * second source, of an ingest that is withdrawn, or no interval of the meter.
 *
 * Which of them counts depends on no order of arrival: no source says two with one revision and
 * standing.
 */
export function wordsOf({ meter, startMs, stage, random }: WordsOf): StagedWord[] {
  const isDrawn = (share: number) => random.below(100) < share
  const arrival = () => (isDrawn(50) ? stage : later[stage])
  const say = (changes: Partial<Reading>): Reading => ({
    ...{ meter: meter.meter, startMs, durationS: meter.intervalS, energyMwh: draw() },
    ...{ powerW: null, reactiveVar: null, quality: quality.measured, revision: 0, ...stated },
    ...changes,
  })
  const draw = () => {
    // Up to 1.5 kW; what may feed in does so in a third of its intervals.
    const sign = mayBeNegative(meter.kind) && isDrawn(33) ? -1 : 1
    return energyMwh(sign * random.below(Math.round((1_500_000 * meter.intervalS) / 3600)))
  }
  if (isDrawn(shares.missing)) return []
  const words = [{ stage: isDrawn(shares.late) ? later[stage] : stage, reading: say({}) }]
  const add = (share: number, changes: Partial<Reading>) => {
    if (isDrawn(share)) words.push({ stage: arrival(), reading: say(changes) })
  }
  add(shares.estimated, { quality: quality.estimated, standing: standing.fill })
  add(shares.restated, { revision: 1 })
  add(shares.restated / 2, { revision: 2, powerW: 5 })
  add(shares.void, { revision: 3, isVoid: true, energyMwh: energyMwh(0) })
  add(shares.wrong, { revision: 4, ingest: 'wrong' })
  add(shares.other, { source: 'dso' })
  add(1, { source: 'dso', revision: 1, durationS: 7 })
  return words
}
