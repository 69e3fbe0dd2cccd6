import type { MeterId } from '../../schemas/ids.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { type MeterDay, openMeterDay, type SpeedDay } from '../deviation/speedDay.ts'

/**
 * The meters that a frame lists, looked up once: a gateway sends its list again and again, equal
 * lists are one object (`frameRoster.ts`).
 */
export type FrameMeters<Meter extends Indexed> = {
  /** Undefined where the meter is not known. `[listed meter]` */
  readonly enrolled: readonly (Meter | undefined)[]
  /** The day of each meter that a reading was put into last. `[listed meter]` */
  readonly latest: (MeterDay | undefined)[]
}

/** By list; one with a meter that is not enrolled is not kept. */
export type KnownFrames<Meter extends Indexed> = WeakMap<readonly MeterId[], FrameMeters<Meter>>

/** An enrolled meter, with its index in its roster. */
type Indexed = { readonly index: number }

/** What looking up needs of a `SpeedState`. */
type Knowing<Meter extends Indexed> = {
  readonly frames: KnownFrames<Meter>
  readonly enrolled: ReadonlyMap<MeterId, Meter>
}

export function metersOfFrame<Meter extends Indexed>(
  state: Knowing<Meter>,
  listed: readonly MeterId[],
): FrameMeters<Meter> {
  const known = state.frames.get(listed)
  if (known) return known
  const enrolled = listed.map((meter) => state.enrolled.get(meter))
  const meters: FrameMeters<Meter> = { enrolled, latest: enrolled.map(() => undefined) }
  if (!enrolled.includes(undefined)) state.frames.set(listed, meters)
  return meters
}

/** The open day of a meter that contains an instant, if a reading of the list was in it last. */
export function latestDay(
  { latest }: Pick<FrameMeters<Indexed>, 'latest'>,
  listed: number,
  startMs: EpochMs,
): MeterDay | undefined {
  const at = latest[listed]
  if (!at) return undefined
  const { day } = at.day
  return day.startMs <= startMs && startMs < day.endMs ? at : undefined
}

/** What a day has of a listed meter. */
export function openLatest(
  { enrolled, latest }: FrameMeters<Indexed>,
  listed: number,
  day: SpeedDay,
): MeterDay {
  const known = latest[listed]
  if (known?.day === day) return known
  const at = openMeterDay(day, enrolled[listed]!.index)
  latest[listed] = at
  return at
}
