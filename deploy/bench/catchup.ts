import type { MeterId } from '../../schemas/ids.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { encodeFrame } from '../../schemas/reading/frame.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import { energyMwh } from '../../schemas/units.ts'
import { runSpeed } from '../../speed/run.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { load, ownCpuS, print } from './figures.ts'
import {
  caughtUp,
  type LiveStores,
  openLiveStores,
  partitions,
  startMs,
  stepMs,
} from './liveStores.ts'

const recordsPerSMin = 50_000
const meters = 1_000
const slotsWithBaseline = 96
const slotsOfAppend = 20

/**
 * How fast the speed layer reads a log of records of one reading each, of 1,000 half-hour meters
 * in ten groups, with baselines of two days: from its start until nothing waits, on real engines.
 *
 * Beside it, in the same minute: reading the same log and doing nothing with it.
 *
 * @returns a sentence where that is below 50,000 records a second.
 */
export async function printCatchup(given = 1_000_000): Promise<string[]> {
  const slots = Math.ceil(given / meters)
  const records = slots * meters
  const stores = await openLiveStores({ meters, slots: slotsWithBaseline })
  const { log, views } = stores
  try {
    await fill(stores, slots)
    const readS = await timed(() => readAll(log))
    const beforeS = ownCpuS()
    const caughtS = await timed(() => catchUp(stores))
    const cpuS = ownCpuS() - beforeS
    const perS = (seconds: number) => Math.round(records / seconds).toLocaleString('en')
    print(`${records.toLocaleString('en')} records of one reading, ${meters} meters`)
    print(`caught up after ${caughtS.toFixed(1)} s: ${perS(caughtS)} records/s; load ${load()}`)
    print(`CPU of the layer ${cpuS.toFixed(1)} s`)
    print(`reading the log alone ${readS.toFixed(1)} s: ${perS(readS)} records/s`)
    const [counters] = await views.query('ingest_counters')
    print(`ingest counters: ${JSON.stringify(counters)}`)
    if (records / caughtS >= recordsPerSMin) return []
    return [`${perS(caughtS)} records/s; at least ${recordsPerSMin} is the aim.`]
  } finally {
    await stores.close()
  }
}

async function catchUp(stores: LiveStores): Promise<void> {
  const stop = new AbortController()
  const given = { ...stores, clock: systemClock(), signal: stop.signal, partitions }
  const running = runSpeed({ ...given, report: print })
  await caughtUp(stores)
  stop.abort()
  await running
}

async function readAll(log: Log): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    for (let offset = 0; ; ) {
      const records = await log.read({ topic: readingsTopic, partition, offset }, 5_000)
      if (records.length === 0) break
      offset += records.length
    }
  }
}

/** Interval by interval, as meters send. */
async function fill({ log, meters }: LiveStores, slots: number): Promise<void> {
  const key = new Uint8Array()
  for (const [partition, own] of meters.entries()) {
    for (let from = 0; from < slots; from += slotsOfAppend) {
      const some = Array.from(
        { length: Math.min(slotsOfAppend, slots - from) },
        (_, at) => from + at,
      )
      const records = some.flatMap((slot) =>
        own.map((meter, at) => ({ key, value: frameOfOne(meter, { slot, at }) })),
      )
      await log.append(readingsTopic, partition, records)
    }
  }
}

/** Near its baseline: none is an exception. */
function frameOfOne(meter: MeterId, { slot, at }: { slot: number; at: number }): Uint8Array {
  const own = { meter, startMs: startMs + slot * stepMs, durationS: stepMs / 1000 }
  return encodeFrame([
    aReading({ ...own, energyMwh: energyMwh(100_000 + ((slot * 7 + at) % 977)) }),
  ])
}

async function timed(work: () => Promise<void>): Promise<number> {
  const beganMs = performance.now()
  await work()
  return (performance.now() - beganMs) / 1000
}
