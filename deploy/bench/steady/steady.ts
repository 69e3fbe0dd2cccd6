import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IngestCounters } from '../../../schemas/reading/reading.ts'
import type { Status } from '../../../serving/shapes/status.ts'
import { type ApiClient, createApiClient } from '../../client/client.ts'
import { type LiveUp, startLiveUp } from '../../e2e/liveUp.ts'
import { type Load, loads } from './loads.ts'
import { type MemorySample, memoryProblems, sampleMemory } from './memory.ts'

const secondsDefault = 600
/** A tenth of the time: a minute of ten. */
const parts = 10
const samplesOfPart = 6
/** Within so long after the last reading both layers have read all. */
const caughtUpS = 60
const pollMs = 200

/**
 * What an installation does under a load that does not end: 5,000 readings a second one by one,
 * then as many a second as both layers follow, by the thousand. Each for ten minutes, on an
 * installation of its own with all processes of `up`; every tenth a line with the rate, what is not
 * read yet and the memory of each process.
 *
 * Linux only, for `/proc`.
 *
 * @param given seconds of each load.
 * @returns a sentence for each reading that was refused or is not counted once by both layers, for
 * what is not read in the end, and for each process whose memory goes on growing.
 */
export async function printSteady([seconds = secondsDefault]: readonly number[] = []): Promise<
  string[]
> {
  const problems: string[] = []
  for (const load of loads) {
    const own = await inFolder((dir) => measure(load, { dir, seconds }))
    problems.push(...own.map((sentence) => `${load.name}: ${sentence}`))
  }
  return problems
}

async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-steady-'))
  chmodSync(dir, 0o755)
  try {
    return await work(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

type Measure = { readonly dir: string; readonly seconds: number }

async function measure(load: Load, { dir, seconds }: Measure): Promise<string[]> {
  const environment = { ...process.env, ...load.environment, WATTPROOF_SCHEDULE: 'manual' }
  const up = await startLiveUp(dir, environment)
  try {
    const client = createApiClient({ url: up.url, token: up.token })
    await client.post('/meters', load.meters)
    print(`\n${load.name}, ${seconds} s; load of the machine ${os.loadavg()[0]!.toFixed(1)}`)
    const stop = new AbortController()
    const watched = watch(up, { client, seconds, signal: stop.signal })
    const sent = await load.send({ up, client, seconds })
    stop.abort()
    const samples = await watched
    const { status, tookS } = await caughtUp(client, sent.readings)
    const perS = Math.round(sent.readings / sent.seconds).toLocaleString('en')
    print(
      `${sent.readings.toLocaleString('en')} readings, ${perS} a second; ` +
        `all read ${tookS.toFixed(1)} s after the last; ${sent.said}`,
    )
    return [
      ...sent.problems,
      ...countProblems(status, sent.readings),
      ...memoryProblems(samples, parts),
    ]
  } finally {
    await up.stop()
  }
}

type Watch = {
  readonly client: ApiClient
  readonly seconds: number
  readonly signal: AbortSignal
}

/** Samples at even distances until the load is over, and a line each tenth of the time. */
async function watch(up: LiveUp, { client, seconds, signal }: Watch): Promise<MemorySample[]> {
  const samples: MemorySample[] = []
  const count = parts * samplesOfPart
  const beganMs = performance.now()
  let before = { read: 0, elapsedS: 0 }
  for (let index = 1; index <= count; index++) {
    const dueMs = beganMs + (index * seconds * 1000) / count
    await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal }).catch(() => {})
    if (signal.aborted) break
    const sample = sampleMemory(up.process.pid!)
    samples.push({ ...sample, part: Math.ceil(index / samplesOfPart) })
    if (index % samplesOfPart !== 0) continue
    const { readings, speed } = await client.get<Status>('/status')
    const elapsedS = (performance.now() - beganMs) / 1000
    const perS = Math.round((speed.read - before.read) / (elapsedS - before.elapsedS))
    before = { read: speed.read, elapsedS }
    const own = [...sample.ownMb].map(([name, mb]) => `${name} ${mb.toFixed(0)}`).join(', ')
    const rate = `${perS.toLocaleString('en').padStart(8)} read/s by the speed layer`
    const archive = `the archive ${(speed.read - readings.read).toLocaleString('en')} behind it`
    print(`${elapsedS.toFixed(0).padStart(5)} s: ${rate}, ${archive}; MB: ${own}`)
  }
  return samples
}

async function caughtUp(client: ApiClient, sent: number) {
  const beganMs = performance.now()
  for (;;) {
    const status = await client.get<Status>('/status')
    const tookS = (performance.now() - beganMs) / 1000
    const isRead = status.readings.read >= sent && status.speed.read >= sent
    const isOver = tookS > caughtUpS
    if (isOver || (isRead && behind(status) === 0)) return { status, tookS }
    await sleep(pollMs)
  }
}

function behind({ lag }: Status): number {
  return lag.reduce((sum, { records }) => sum + records, 0)
}

function countProblems(status: Status, sent: number): string[] {
  const { readings, speed, replaced } = status
  const isRight = ({ read, accepted, duplicate, rejected }: IngestCounters) =>
    read === sent && accepted === sent && duplicate === 0 && rejected === 0
  const [records, wrong] = [behind(status), { archive: readings, speed }]
  return [
    ...Object.entries(wrong).flatMap(([layer, counters]) => {
      if (isRight(counters)) return []
      return [`Of ${sent} readings the ${layer} layer counts ${JSON.stringify(counters)}.`]
    }),
    ...(records === 0 ? [] : [`${records} records are not read ${caughtUpS} s after the last.`]),
    ...replaced.map(({ process: name, reason }) => `${name} was started again: ${reason}`),
  ]
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
