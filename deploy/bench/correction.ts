import { readingsTopic } from '../../schemas/topics.ts'
import { runSpeed } from '../../speed/run.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { isCount, print, printMachine, spreadOf, spreadOfMs } from './figures.ts'
import { measureCorrections } from './layerCorrections.ts'
import { caughtUp, frameOf, type LiveStores, openLiveStores, partitions } from './liveStores.ts'

const meters = 1_000
const slots = 4
const pauseMs = 100

/**
 * What a correction of one reading costs the speed layer, early and late in a half-hourly day,
 * alone and with others; and how long it takes from the log to all rows in the store, where
 * nothing else is on its way.
 */
export async function printCorrection(corrections = 100): Promise<void> {
  if (!isCount(corrections, 'correction [CORRECTIONS]')) return
  const { aloneMs, togetherPerS, computedPerS } = measureCorrections()
  for (const [slot, ms] of aloneMs) {
    const [together, computed] = [togetherPerS, computedPerS].map((found) => {
      return spreadOf(found.get(slot)!, 1_000)
    })
    print(`slot ${slot} of 48: one alone ${spreadOf(ms, 1)} ms of CPU`)
    print(`  of 2,000 at once ${together} k a CPU-second; computed alone ${computed} k`)
  }
  const stores = await openLiveStores({ meters, slots })
  try {
    const seenMs = await follow(stores, corrections)
    print(`visible in all rows and sums: ${spreadOfMs(seenMs)}`)
    printMachine()
  } finally {
    await stores.close()
  }
}

/** ms of each correction until the layer has committed it, which it does after all of its rows. */
async function follow(stores: LiveStores, corrections: number): Promise<number[]> {
  const stop = new AbortController()
  const clock = systemClock()
  const committed = new Map<string, () => void>()
  const log: LiveStores['log'] = {
    ...stores.log,
    commit: async (group, at) => {
      await stores.log.commit(group, at)
      if (group === 'speed') committed.get(`${at.partition} ${at.offset}`)?.()
    },
  }
  const running = runSpeed({
    ...{ log, views: stores.views, clock, signal: stop.signal, partitions, report: print },
  })
  for (let slot = 0; slot < slots; slot++) {
    for (const [partition, own] of stores.meters.entries()) {
      const value = frameOf(own, slot)
      await stores.log.append(readingsTopic, partition, [{ key: new Uint8Array(), value }])
    }
  }
  await caughtUp(stores)
  const seenMs: number[] = []
  for (let count = 0; count < corrections; count++) {
    const partition = count % partitions
    // One meter each, and not those that have this value already.
    const own = stores.meters[partition]!.filter((_, at) => at % 100 !== 0)
    const value = frameOf([own[count % own.length]!], count % slots)
    const beganMs = performance.now()
    const { end } = (await stores.log.progress('speed', readingsTopic))[partition]!
    const done = new Promise<void>((resolve) => committed.set(`${partition} ${end + 1}`, resolve))
    await stores.log.append(readingsTopic, partition, [{ key: new Uint8Array(), value }])
    await done
    seenMs.push(performance.now() - beganMs)
    await clock.sleep(pauseMs)
  }
  stop.abort()
  await running
  return seenMs
}
