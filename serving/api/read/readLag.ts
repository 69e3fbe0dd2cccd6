import type { Log, LogMember } from '../../../schemas/ports/log.ts'
import { type LayerGroup, readingsTopic, rejectedTopic } from '../../../schemas/topics.ts'
import { createLagWatch } from '../../../schemas/watchLag.ts'
import type { Status } from '../../shapes/status.ts'

export type Lag = Status['lag']

/**
 * Reads how far both groups are behind in each partition, and since when nothing has moved there. A
 * lag that stands still is only noticed if somebody reads this at least every half a minute, as
 * monitoring does.
 *
 * @param elapsedMs a time that only passes.
 */
export function createLagReader(log: Log, elapsedMs = () => performance.now()): () => Promise<Lag> {
  const watch = createLagWatch(elapsedMs)
  return async () => {
    const questions = (['speed', 'archive'] as const).flatMap((group) => {
      const members = log.members(group)
      return [readingsTopic, rejectedTopic].map(async (topic) => {
        const [partitions, shared] = await Promise.all([log.progress(group, topic), members])
        return partitions.map(({ partition, committed, end }) => {
          const at = { group, topic, partition, committed, end }
          const stalledMs = watch.stalledMs(at)
          const stalledS = stalledMs === null ? null : Math.floor(stalledMs / 1000)
          const reader = readerOf(shared, { topic, partition })
          return { ...at, records: end - committed, stalledS, reader }
        })
      })
    })
    return (await Promise.all(questions)).flat()
  }
}

/** Without what the log has added to tell processes of one name apart. */
function readerOf(
  members: readonly LogMember[],
  at: { readonly topic: string; readonly partition: number },
): string | null {
  const reader = members.find(({ assigned }) =>
    assigned.some(({ topic, partition }) => topic === at.topic && partition === at.partition),
  )
  return reader?.name ?? null
}

/**
 * The state of the speed layer, which has all of the log and yet not all of what is shown while it
 * computes and publishes what a new generation, or an enrolment, changes.
 */
export function describeSpeed(
  lag: Lag,
  status: Pick<Status, 'generation' | 'watermarks' | 'isEnrolmentShown'>,
): Status['layers']['speed'] {
  const read = describeReader('speed', lag)
  const { generation, watermarks, isEnrolmentShown } = status
  if (read.state !== 'ok' || watermarks.length === 0) return read
  // Several processes publish their partitions, each in its time.
  const shown = Math.min(...watermarks.map((each) => each.generation))
  const since = generation?.generation ?? 0
  const missing =
    shown < since
      ? `generation ${since} is not fully published yet; ` +
        `some figures are missing or from generation ${shown}.`
      : 'the newest enrolments are not fully published yet; some figures are by former ones.'
  if (shown >= since && isEnrolmentShown) return read
  const sentence = `Everything in the log has been read, but ${missing}`
  return { state: 'behind', sentence }
}

/** The state of a layer that reads the log. */
export function describeReader(group: LayerGroup, lag: Lag): Status['layers']['speed'] {
  const own = lag.filter((each) => each.group === group)
  const records = own.reduce((sum, each) => sum + each.records, 0)
  if (own.every((each) => each.end === 0)) {
    return {
      state: 'waiting',
      sentence: 'No reading has arrived yet; `wattproof ingest` sends some.',
    }
  }
  if (records === 0) return { state: 'ok', sentence: 'Everything in the log has been read.' }
  const stalledS = Math.max(...own.map((each) => each.stalledS ?? 0))
  const waiting = `${records} records of the log wait to be read`
  if (stalledS === 0) return { state: 'behind', sentence: `${waiting}.` }
  return { state: 'stalled', sentence: `${waiting}; in ${stalledS} s none was.` }
}
