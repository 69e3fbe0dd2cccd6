import type { LogPosition } from '../../schemas/logRecord.ts'
import type { Reading } from '../../schemas/reading.ts'

/** A reading in the master data set: its values, and the log position where it first appeared. */
export type StoredVersion = {
  readonly reading: Reading
  readonly partition: number
  readonly offset: number
  /** Row of the frame. */
  readonly index: number
}

/** Versions by meter and interval start. */
export type VersionIndex = Map<string, StoredVersion[]>

export function indexVersions(versions: Iterable<StoredVersion>): VersionIndex {
  const index: VersionIndex = new Map()
  for (const version of versions) addVersion(index, version)
  return index
}

export function addVersion(index: VersionIndex, version: StoredVersion): void {
  const key = keyOf(version.reading)
  const versions = index.get(key)
  if (versions) versions.push(version)
  else index.set(key, [version])
}

/**
 * The versions of an interval in the master data set just before one row of one record.
 *
 * After a crash the master data set also has later records, and the rows that are being replayed.
 * Using only smaller positions makes a replay decide as the first run did. A meter keeps its
 * partition; if the number of partitions changes, rows of its other partition are older.
 */
export function versionsBefore(
  index: VersionIndex,
  reading: Reading,
  at: Pick<LogPosition, 'partition' | 'offset'> & { readonly index: number },
): readonly StoredVersion[] {
  const versions = index.get(keyOf(reading)) ?? []
  return versions.filter((each) => {
    if (each.partition !== at.partition) return true
    return each.offset < at.offset || (each.offset === at.offset && each.index < at.index)
  })
}

function keyOf({ meter, startMs }: Reading): string {
  return `${meter} ${startMs}`
}
