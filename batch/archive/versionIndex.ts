import type { LogPosition } from '../../schemas/logRecord.ts'
import { isSameVersion, type Reading, versionKey } from '../../schemas/reading/reading.ts'

/** A reading in the master data set: its values, and the log position where it first appeared. */
export type StoredVersion = {
  readonly reading: Reading
  readonly partition: number
  readonly offset: number
  /** Row of the frame. */
  readonly index: number
}

/** Versions by meter and interval start. */
export type VersionIndex = Map<string, Versions>

/** Few are a list. Of many the earliest of each partition are kept: of all, and of each value. */
type Versions = { list: StoredVersion[]; many: Many | null }

type Many = { readonly firsts: StoredVersion[]; readonly byValue: Map<string, StoredVersion[]> }

/** More than an interval has ordinarily; a sender may send any number of them. */
const listMax = 8

/** Where a row of a record is. */
export type RowPosition = Pick<LogPosition, 'partition' | 'offset'> & { readonly index: number }

export function indexVersions(versions: Iterable<StoredVersion>): VersionIndex {
  const index: VersionIndex = new Map()
  for (const version of versions) addVersion(index, version)
  return index
}

export function addVersion(index: VersionIndex, version: StoredVersion): void {
  const key = keyOf(version.reading)
  const known = index.get(key)
  if (!known) {
    index.set(key, { list: [version], many: null })
    return
  }
  if (known.many) {
    addMany(known.many, version)
    return
  }
  known.list.push(version)
  if (known.list.length <= listMax) return
  known.many = { firsts: [], byValue: new Map() }
  for (const each of known.list) addMany(known.many, each)
  known.list = []
}

/**
 * What the master data set had of an interval just before one row of one record: nothing, the same
 * value, or others. It takes the same time however many versions the interval has.
 *
 * After a crash the master data set also has later records, and the rows that are being replayed.
 * Using only smaller positions makes a replay decide as the first run did. A meter keeps its
 * partition; if the number of partitions changes, rows of its other partition are older.
 */
export function findBefore(
  index: VersionIndex,
  reading: Reading,
  at: RowPosition,
): 'none' | 'same' | 'others' {
  const known = index.get(keyOf(reading))
  if (!known) return 'none'
  const { list, many } = known
  const earlier = (many?.firsts ?? list).filter((each) => isBefore(each, at))
  if (earlier.length === 0) return 'none'
  const isKnown = many
    ? many.byValue.get(versionKey(reading))?.some((each) => isBefore(each, at))
    : earlier.some((each) => isSameVersion(each.reading, reading))
  return isKnown ? 'same' : 'others'
}

function addMany({ firsts, byValue }: Many, version: StoredVersion): void {
  keepFirst(firsts, version)
  const value = versionKey(version.reading)
  const known = byValue.get(value)
  if (known) keepFirst(known, version)
  else byValue.set(value, [version])
}

/** A list with at most one version of each partition, the earliest. */
function keepFirst(firsts: StoredVersion[], version: StoredVersion): void {
  const own = firsts.findIndex((each) => each.partition === version.partition)
  if (own < 0) firsts.push(version)
  else if (isBefore(version, firsts[own]!)) firsts[own] = version
}

function isBefore(left: RowPosition, right: RowPosition): boolean {
  if (left.partition !== right.partition) return true
  return left.offset < right.offset || (left.offset === right.offset && left.index < right.index)
}

function keyOf({ meter, startMs }: Reading): string {
  return `${meter} ${startMs}`
}
