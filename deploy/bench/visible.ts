import { RetryableError } from '../../schemas/errors/wattproofError.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import { runSpeed } from '../../speed/run.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { cpuSOfPid, isCount, ownCpuS, print, printMachine, spreadOfMs } from './figures.ts'
import { caughtUp, frameOf, type LiveStores, openLiveStores, partitions } from './liveStores.ts'

const readingsOfFrame = 200
const framesPerS = 100

/** What a micro-batch had: its readings, and how long its oldest waited for sums and for rows. */
type Seen = { readonly readings: number; readonly sumsMs: number; readonly rowsMs: number }

/**
 * How old the oldest reading of a micro-batch is when it is visible: frames of 200 readings are
 * appended to the log every 10 ms, 20,000 readings a second of as many half-hourly meters, a slot
 * of event time a second. An insert that has resolved is visible (`Views`), and the speed layer
 * commits a record after all of its rows.
 */
export async function printVisible(seconds = 20): Promise<void> {
  if (!isCount(seconds, 'visible [SECONDS]')) return
  const meters = readingsOfFrame * framesPerS
  const stores = await openLiveStores({ meters, slots: seconds + 3 })
  try {
    const { seen, cpuS, storeCpuS } = await follow(stores, seconds)
    // The first second compiles.
    const steady = seen.slice(Math.floor(seen.length / seconds))
    const readings = steady.reduce((sum, each) => sum + each.readings, 0)
    const each = Math.round(readings / steady.length)
    print(`${framesPerS * readingsOfFrame} readings/s for ${seconds} s, ${each} a micro-batch`)
    print(`oldest reading's sums and exceptions: ${spreadOfMs(steady.map(({ sumsMs }) => sumsMs))}`)
    print(`and all of its rows: ${spreadOfMs(steady.map(({ rowsMs }) => rowsMs))}`)
    const perS = [cpuS, storeCpuS].map((each) => (each / seconds).toFixed(2))
    print(`CPU-s a second: layer, log and senders ${perS[0]}, store ${perS[1]}`)
    printMachine()
  } finally {
    await stores.close()
  }
}

async function follow(stores: LiveStores, seconds: number) {
  const stop = new AbortController()
  const appendedMs = Array.from({ length: partitions }, () => [] as number[])
  const seen: Seen[] = []
  const watched = watch(stores, { appendedMs, seen })
  const clock = systemClock()
  const running = runSpeed({ ...watched, clock, signal: stop.signal, partitions, report: print })
  await send(stores, { appendedMs, slot: 0, seconds: 1 })
  await caughtUp(stores)
  seen.length = 0
  const [own, store] = [ownCpuS(), cpuSOfPid(stores.server.pid())]
  await send(stores, { appendedMs, slot: 1, seconds })
  await caughtUp(stores)
  const cpuS = ownCpuS() - own
  stop.abort()
  await running
  return { seen, cpuS, storeCpuS: cpuSOfPid(stores.server.pid()) - store }
}

type Watching = { readonly appendedMs: readonly number[][]; readonly seen: Seen[] }

/** The ports of the layer: when sums are stored, and when records are committed. */
function watch({ log, views }: LiveStores, { appendedMs, seen }: Watching) {
  let sumsAtMs = 0
  const next = Array.from({ length: partitions }, () => 0)
  const watchedViews: Views = {
    ...views,
    insert: async (rowSet, given, options) => {
      await views.insert(rowSet, given, options)
      if (rowSet === 'speed_group') sumsAtMs = performance.now()
    },
  }
  const watchedLog: Log = {
    ...log,
    commit: async (group, at) => {
      const nowMs = performance.now()
      await log.commit(group, at)
      if (group !== 'speed') return
      const { partition, offset } = at
      const oldestMs = appendedMs[partition]![next[partition]!]
      const readings = (offset - next[partition]!) * readingsOfFrame
      next[partition] = offset
      if (oldestMs === undefined || readings <= 0) return
      seen.push({ readings, sumsMs: sumsAtMs - oldestMs, rowsMs: nowMs - oldestMs })
    },
  }
  return { log: watchedLog, views: watchedViews }
}

/** By the wall clock: what is late is not made up for by fewer. */
async function send(
  { log, meters }: LiveStores,
  at: { appendedMs: readonly number[][]; slot: number; seconds: number },
): Promise<void> {
  const clock = systemClock()
  const beganMs = performance.now()
  for (let frame = 0; frame < at.seconds * framesPerS; frame++) {
    const dueMs = beganMs + (1000 * frame) / framesPerS
    if (dueMs > performance.now()) await clock.sleep(dueMs - performance.now())
    const partition = frame % partitions
    const own = meters[partition]!
    const slot = at.slot + Math.floor(frame / framesPerS)
    const from = Math.floor(((frame % framesPerS) * own.length) / framesPerS)
    const some = Array.from(
      { length: readingsOfFrame },
      (_, each) => own[(from + each) % own.length]!,
    )
    const value = frameOf(some, slot)
    at.appendedMs[partition]!.push(performance.now())
    await append(log, partition, value)
  }
}

/** Again while the disk is held up, as senders do; the reading is as old as it is. */
async function append(log: Log, partition: number, value: Uint8Array): Promise<void> {
  for (;;) {
    try {
      await log.append(readingsTopic, partition, [{ key: new Uint8Array(), value }])
      return
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error
    }
  }
}
