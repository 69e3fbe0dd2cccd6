import { ZonesDifferError } from '../../../schemas/errors/profile.ts'
import type { Evidence } from '../table/table.ts'
import { clockOf, openZone, type Zone } from './zone.ts'

/** What is known of the meters of a file, for stamps without an offset. */
export type EnrolledZones = {
  /** Undefined of a meter that is not enrolled. */
  readonly zoneOf: (meter: string) => string | undefined
  /** The zone of the lines before these: a file has one clock. */
  readonly taken?: string
  /** Why no meter is known here, where none could be looked up. */
  readonly unknownAs?: string
  /** What in the file names its zone, where nothing else does. */
  readonly saidBy?: string | undefined
}

/** The zone of stamps without an offset, and why it was taken. */
export type ZoneTaken = {
  readonly name: string
  readonly by: 'said' | 'enrolled' | 'default'
  readonly why: string
}

export type ZoneChoice = {
  readonly taken: ZoneTaken
  /** Each zone that it may be, with a meter that is enrolled in it. */
  readonly all: ReadonlyMap<string, string>
}

/**
 * The zone that is said, or else the one that the meters of the file are enrolled in, as far as
 * they are; without either, UTC.
 */
export function chooseZone(
  said: string | undefined,
  meters: Iterable<string>,
  enrolled: Partial<EnrolledZones> = {},
): ZoneChoice {
  if (said !== undefined) {
    return { taken: { name: said, by: 'said', why: enrolled.saidBy ?? 'set' }, all: new Map() }
  }
  const { taken, zoneOf = () => undefined, unknownAs = 'no zone is set' } = enrolled
  const all = new Map<string, string>(taken === undefined ? [] : [[taken, 'the lines before']])
  let known: string | null = null
  for (const meter of new Set(meters)) {
    const zone = zoneOf(meter)
    if (zone === undefined) continue
    known ??= meter
    if (!all.has(zone)) all.set(zone, meter)
  }
  const [name] = all.keys()
  if (name === undefined) {
    return { taken: { name: 'UTC', by: 'default', why: unknownAs }, all }
  }
  const who = known === null ? 'the lines before are read in it' : `${known} is enrolled in it`
  const why = `no zone is set, and ${who}`
  return { taken: { name, by: 'enrolled', why }, all }
}

/**
 * A file has one clock, and nothing says which of several it is.
 *
 * @throws ZonesDifferError
 */
export function requireOneZone({ all }: ZoneChoice): void {
  if (all.size > 1) throw new ZonesDifferError({ zones: Object.fromEntries(all) })
}

/** Names of enrolled zones may be those that a request may not use, such as `GMT`. */
export function clockOfTaken({ name, by }: ZoneTaken): Zone {
  return by === 'said' ? openZone(name) : clockOf(name)
}

export function evidenceOfTaken({ name, why }: ZoneTaken): Evidence {
  return { field: 'zone', value: name, why }
}
