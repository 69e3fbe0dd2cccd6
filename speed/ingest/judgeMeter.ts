import { intervalAt } from '../../schemas/meter/grid.ts'
import { mayBeNegative } from '../../schemas/meter/kind.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { gridOffsetSMax, stepAt } from '../../schemas/meter/step.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { localDayOf } from '../../schemas/time.ts'
import { type Refusal, refuse } from './refusal.ts'

type Judged = Pick<Reading, 'meter' | 'startMs' | 'durationS' | 'energyMwh' | 'powerW'>
type Enrolled = Pick<Meter, 'kind' | 'zone' | 'steps'>

/** Why the enrolment of its meter refuses a reading, or null. */
export function judgeMeter(reading: Judged, enrolled: Enrolled | undefined): Refusal | null {
  const { meter, energyMwh, powerW } = reading
  if (!enrolled) return refuse('not-enrolled', { meter })
  const { kind } = enrolled
  const isBelow = energyMwh < 0 || (powerW ?? 0) < 0
  if (isBelow && !mayBeNegative(kind)) return refuse('negative-energy', { meter, kind })
  return judgeInterval(reading, enrolled)
}

/**
 * A meter's intervals follow each other without a gap, so a reading is one of them or overlaps one
 * that has another start or end: energy would count twice.
 */
function judgeInterval(reading: Judged, enrolled: Enrolled): Refusal | null {
  const { meter, startMs, durationS } = reading
  const own = intervalAt(enrolled, startMs)
  const isStart = own.startMs === startMs
  const lengthS = (own.endMs - own.startMs) / 1000
  if (isStart && lengthS === durationS) return null
  const day = localDayOf(startMs, enrolled.zone)
  const { date } = day
  const { intervalS } = stepAt(enrolled.steps, day.startMs)
  if (isStart && lengthS !== intervalS) {
    return refuse('odd-interval', { meter, date, durationS, intervalS: lengthS })
  }
  if (durationS !== intervalS)
    return refuse('wrong-interval', { meter, date, durationS, intervalS })
  const sinceMidnightS = Math.floor((startMs - day.startMs) / 1000)
  const gridOffsetS = Math.min(sinceMidnightS % intervalS, gridOffsetSMax)
  const intervals = [own.startMs, own.endMs] as const
  return refuse('overlap', { meter, date, startMs, intervalS, intervals, gridOffsetS })
}
