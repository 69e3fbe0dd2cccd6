import type { MeterId } from '../../schemas/ids.ts'
import type { EpochMs } from '../../schemas/time.ts'
import {
  type MeterDay,
  openMeterDay,
  type Run,
  type RunBlock,
  type SpeedDay,
} from '../deviation/speedDay.ts'

/**
 * The meters that a frame lists, looked up once: a gateway sends its list again and again, equal
 * lists are one object (`frameRoster.ts`).
 */
export type FrameMeters<Meter extends Indexed> = {
  /** Undefined where the meter is not known. `[listed meter]` */
  readonly enrolled: readonly (Meter | undefined)[]
  /** The run that a reading of each was put into last: its block, and its lane there. */
  readonly blocks: (RunBlock | undefined)[]
  readonly lanes: Uint32Array
}

/** By list; one with a meter that is not enrolled is not kept. */
export type KnownFrames<Meter extends Indexed> = WeakMap<readonly MeterId[], FrameMeters<Meter>>

/** An enrolled meter, with its index in its roster. */
type Indexed = { readonly index: number; readonly mayBeNegative: boolean }

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
  const blocks = enrolled.map(() => undefined)
  const meters: FrameMeters<Meter> = { enrolled, blocks, lanes: new Uint32Array(listed.length) }
  if (!enrolled.includes(undefined)) state.frames.set(listed, meters)
  return meters
}

/** The open day that contains an instant, if a reading of the listed meter was in it last. */
export function latestDay(
  { blocks }: Pick<FrameMeters<Indexed>, 'blocks'>,
  listed: number,
  startMs: EpochMs,
): SpeedDay | undefined {
  const day = blocks[listed]?.day
  return day && day.day.startMs <= startMs && startMs < day.day.endMs ? day : undefined
}

/** What a day has of a listed meter. */
export function openLatest(
  { enrolled, blocks, lanes }: FrameMeters<Indexed>,
  listed: number,
  day: SpeedDay,
): MeterDay {
  const block = blocks[listed]
  if (block?.day === day) return block.lanes.days[lanes[listed]!]!
  const { index, mayBeNegative } = enrolled[listed]!
  return openMeterDay(day, index, mayBeNegative)
}

/** Keeps the run that a reading of a listed meter was put into. */
export function keepLatest(
  { blocks, lanes }: FrameMeters<Indexed>,
  listed: number,
  run: Run,
): void {
  blocks[listed] = run.block
  lanes[listed] = run.lane
}
