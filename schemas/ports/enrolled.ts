import type { MeterId } from '../ids.ts'
import { mergeById } from '../meter/byId.ts'
import type { Meter } from '../meter/meter.ts'
import type { Views } from './views.ts'

/** The enrolled meters as one process knows them: only what changed is read again. */
export type Enrolled = {
  readonly byId: ReadonlyMap<MeterId, Meter>
  /**
   * The version that `byId` is of, all of it and nothing newer: it rises with each change. 0
   * without any.
   */
  revision(): number
  /** Rises whenever `byId` is another one than before. */
  changes(): number
  /** All of them by id: the same array until one changes. */
  all(): readonly Meter[]
  /** Reads what was enrolled or changed before the call; those are the meters it answers with. */
  refresh(): Promise<readonly Meter[]>
  /** Adds records that this process has just written, without a question. */
  add(meters: readonly Meter[]): void
}

/** Records in one answer, some 20 MB of text. */
const recordsAtOnce = 50_000

/** Nothing is read before the first `refresh`. */
export function openEnrolled(views: Pick<Views, 'query'>, atOnce = recordsAtOnce): Enrolled {
  const byId = new Map<MeterId, Meter>()
  let newest = { version: -1, records: 0 }
  let changes = 0
  let sorted: readonly Meter[] = []
  const unsorted = new Set<MeterId>()

  const add = (meters: readonly Meter[]) => {
    for (const each of meters) {
      byId.set(each.meter, each)
      unsorted.add(each.meter)
    }
    if (meters.length > 0) changes += 1
  }
  const read = async (): Promise<readonly Meter[]> => {
    const changed: Meter[] = []
    let known = newest
    for (;;) {
      // Several records may have one version, so the newest ones are counted.
      const from = Math.max(known.version, 0)
      const [now] = await views.query('newest_meters', { version: from })
      if (!now || (now.version === known.version && now.records === known.records)) break
      let seen = 0
      for await (const rows of readRecords(views, from, atOnce)) {
        for (const { version } of rows) seen = Math.max(seen, version)
        for (const { meter } of rows) changed.push(meter)
      }
      known = now
      // Others enrolled meanwhile, and what they did may be here in part: then all of it is read.
      if (seen <= now.version) break
    }
    add(changed)
    newest = known
    return changed
  }
  return {
    byId,
    revision: () => Math.max(newest.version, 0),
    changes: () => changes,
    all: () => {
      if (unsorted.size === 0) return sorted
      sorted = mergeById(
        sorted,
        Array.from(unsorted, (meter) => byId.get(meter)!),
      )
      unsorted.clear()
      return sorted
    },
    refresh: shareNext(read),
    add,
  }
}

/** By id, piece by piece: what changes between two of them is newer, and among them in part. */
async function* readRecords(views: Pick<Views, 'query'>, version: number, limit: number) {
  let after = ''
  for (;;) {
    const rows = await views.query('enrolments', { version, after, limit })
    yield rows
    if (rows.length < limit) return
    after = rows.at(-1)!.meter.meter
  }
}

const known = new WeakMap<object, Enrolled>()

/** What this process keeps of a store's enrolments: one for all who ask for it. */
export function enrolledOf(views: Pick<Views, 'query'>): Enrolled {
  const enrolled = known.get(views) ?? openEnrolled(views)
  known.set(views, enrolled)
  return enrolled
}

/**
 * Every enrolled meter, by id, as a store has them now. Of each store the process keeps what it
 * read: the answer of an unchanged one is the same array, and costs a question about versions.
 */
export async function readEnrolled(views: Pick<Views, 'query'>): Promise<readonly Meter[]> {
  const enrolled = enrolledOf(views)
  await enrolled.refresh()
  return enrolled.all()
}

/** One read at a time: who asks while one is under way shares the next, begun after the call. */
function shareNext<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  let waiting: Promise<T> | null = null
  const start = (): Promise<T> => {
    const started = read().finally(() => {
      if (running === started) running = null
    })
    running = started
    return started
  }
  return () => {
    if (!running) return start()
    waiting ??= running
      .catch(() => {})
      .then(() => {
        waiting = null
        return start()
      })
    return waiting
  }
}
