import { gridOffsetSMax, intervalSMax } from '../../schemas/meter/step.ts'
import { localDayOf } from '../../schemas/time.ts'
import type { FileRead } from '../../speed/ingest/body/readFile.ts'
import { isRefusal } from '../../speed/ingest/judgeDraft.ts'
import type { ApiClient } from '../client/client.ts'
import type { ZonesOfMeters } from './enrolledZones.ts'
import { say } from './output.ts'

type Enrolment = {
  readonly part: FileRead
  readonly zones: ZonesOfMeters
  /** Meters that were looked at before. */
  readonly known: Set<string>
  readonly options: { readonly group?: string; readonly account?: string }
}

/** Enrols the meters of a part that are not known yet, as their readings show them. */
export async function enrolMeters(client: ApiClient, work: Enrolment): Promise<void> {
  const { part, zones, known, options } = work
  const fresh = part.understood.series.filter(({ meter }) => !known.has(meter))
  for (const { meter } of fresh) known.add(meter)
  if (fresh.length === 0) return
  const enrolled = await zones.all()
  const { zone } = part.understood
  const { group = 'default', account = null } = options
  const seen = lookAt(part)
  const meters = fresh
    .filter(({ meter }) => !enrolled.has(meter))
    .map(({ meter, stepS, firstMs, lastMs }) => {
      const intervalS = wholeDay(stepS ?? (lastMs - firstMs) / 1000)
      const { isNegative = false, starts = [] } = seen.get(meter) ?? {}
      const gridOffsetS = offsetOf(starts, { zone, intervalS })
      // A register of what is taken never falls below zero.
      const kind = isNegative ? { kind: 'net' } : {}
      const grid = gridOffsetS > 0 ? { gridOffsetS } : {}
      return { meter, intervalS, ...grid, ...kind, zone, group, account }
    })
    .filter(isEnrollable)
  if (meters.length === 0) return
  await client.post('/meters', meters)
  await zones.add(meters)
}

/** Local days have 23 to 25 hours. */
function wholeDay(seconds: number): number {
  return seconds === 82_800 || seconds === 90_000 ? intervalSMax : seconds
}

/** One that no meter can have costs the others nothing: its readings wait as dead letters. */
function isEnrollable({ meter, intervalS }: { meter: string; intervalS: number }): boolean {
  if (intervalSMax % intervalS === 0) return true
  say(`${meter} is not enrolled: its first interval has ${intervalS} s, which divide no day.`)
  return false
}

type Seen = { isNegative: boolean; readonly starts: number[] }

function lookAt({ rows }: FileRead): ReadonlyMap<string, Seen> {
  const seen = new Map<string, Seen>()
  for (const { outcome } of rows) {
    if (isRefusal(outcome) || 'atMs' in outcome) continue
    const { meter, startMs, energyMwh } = outcome
    const own = seen.get(meter) ?? { isNegative: false, starts: [] }
    if (energyMwh < 0) own.isNegative = true
    if (own.starts.length < startsMax) own.starts.push(startMs)
    seen.set(meter, own)
  }
  return seen
}

const startsMax = 50

/** From local midnight to the first interval, by most of the stamps: one may be wrong. */
function offsetOf(
  starts: readonly number[],
  { zone, intervalS }: { readonly zone: string; readonly intervalS: number },
): number {
  const counts = new Map<number, number>()
  for (const startMs of starts) {
    const sinceS = (startMs - localDayOf(startMs, zone).startMs) / 1000
    const offsetS = sinceS % intervalS
    counts.set(offsetS, (counts.get(offsetS) ?? 0) + 1)
  }
  const [[most] = [0]] = [...counts].sort((left, right) => right[1] - left[1])
  return Number.isInteger(most) && most <= gridOffsetSMax ? most : 0
}
