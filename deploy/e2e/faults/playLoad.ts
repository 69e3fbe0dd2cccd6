import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { EventState } from '../../../schemas/event.ts'
import type { IngestCounters } from '../../../schemas/reading/reading.ts'
import { type EpochMs, isoUtc } from '../../../schemas/time.ts'
import { type ApiClient, createApiClient } from '../../client/client.ts'
import { openSimulatedClock } from '../../engines/clock/simulatedClock.ts'
import type { DriverStatus } from '../../simulate/driver.ts'
import { temporaryDir } from '../runDemo.ts'
import { injectFaults } from './injectFaults.ts'
import { type Body, type Load, meters } from './load.ts'
import {
  announce,
  eventsOf,
  hasReached,
  type Moment,
  momentsOf,
  settlementOf,
} from './loadEvents.ts'
import { openInstallation } from './openInstallation.ts'
import type { Fault } from './planFaults.ts'
import { type Stop, sendLoad } from './sendLoad.ts'

export type Played = {
  /** That were reached, a second. */
  readonly rate: number
  /** Faults that hit while readings were being sent. */
  readonly hitUnderLoad: number
  readonly readings: IngestCounters
  readonly speed: IngestCounters
  /** Rows as CSV, by view and from when. */
  readonly views: ReadonlyMap<string, string>
  /** What the events during the load were settled at. */
  readonly settlements: readonly Awaited<ReturnType<typeof settlementOf>>[]
}

export type PlayLoadParameters = {
  readonly load: Load
  /** Readings a second. */
  readonly rate: number
  /** None: an undisturbed run. */
  readonly faults: readonly Fault[]
  report(line: string): void
}

const dayMs = 86_400_000
const comparedViews = ['deviation', 'group', 'baseline', 'forecast'] as const
/** An outage of minutes: each attempt waits up to 2 s. */
const retriesMax = 300
/** Above the rate: a faster machine has the same load, and no bursts that another has not. */
const catchUpFactor = 4
const waitMsMax = 900_000
const pollMs = 200

type Jobs = {
  readonly client: ApiClient
  /** The newest midnight. */
  readonly lastMs: EpochMs
}
type ShownStatus = Pick<DriverStatus, 'generation'> & {
  readonly watermarks: readonly { readonly generation: number }[]
}
type JobsAnswer = { readonly jobs: readonly { id: string; state: string }[] }

/** One installation from its first start to the views at the end of the load. */
export async function playLoad(parameters: PlayLoadParameters): Promise<Played> {
  const { load, rate, faults, report } = parameters
  const dir = temporaryDir()
  const clock = openSimulatedClock(`${dir}/clock`)
  await clock.set(load.startMs)
  const installation = await openInstallation(dir)
  try {
    while (installation.pidOf('validators') === null) await sleep(pollMs)
    const { url, token } = installation
    const client = createApiClient({ url, token: token(), retriesMax })
    await client.post('/meters', meters)
    await sendLoad({ client, clock, bodies: load.history, rate: Number.POSITIVE_INFINITY })
    await isRead(client, linesOf(load.history))
    await recompute(client, load.startMs)
    await jobsEnd(client)
    const events = eventsOf(load)
    for (const event of events) await announce(client, event)

    // Generations are published in mid-load, by whichever batch layer is up.
    const jobs: Promise<unknown>[] = []
    const movesTo = (nowMs: number) => {
      const isMidnight = (nowMs - load.startMs) % dayMs === 0
      const isAsked = faults.length > 0 && isMidnight && nowMs < load.lastMidnightMs
      if (isAsked) jobs.push(recompute(client, nowMs))
    }
    const hitting = injectFaults(installation, faults, report)
    hitting.catch(() => {})
    const rateMax = catchUpFactor * rate
    const { seconds } = await sendLoad({
      ...{ client, clock, bodies: load.live, rate, rateMax, movesTo },
      stops: momentsOf(events).map(stopAt(client, load)),
    })
    const lines = linesOf(load.live)
    const reached = Math.round(lines / seconds)
    report(`${lines} readings in ${seconds.toFixed(1)} s: ${reached} a second`)
    const hitsMs = await workUntil(hitting, { client, lastMs: load.lastMidnightMs })
    const hitUnderLoad = hitsMs.filter((each) => each < seconds * 1000).length
    report(`${hitUnderLoad} of ${faults.length} faults while readings were sent`)

    await isRead(client, load.injected.sent)
    await Promise.all(jobs)
    await jobsEnd(client)
    await recompute(client, load.lastMidnightMs)
    await jobsEnd(client)
    await isShown(client)
    const { readings, speed } = await isRead(client, load.injected.sent)
    const views = await readViews(client, load)
    const settlements = await Promise.all(events.map((event) => settlementOf(client, event)))
    return { rate: reached, hitUnderLoad, readings, speed, views, settlements }
  } finally {
    await installation.stop()
    clock.close()
  }
}

/** The layers have read all that was sent before, and the event is that far. */
function stopAt(client: ApiClient, { history, live }: Load) {
  return ({ atMs, event, state }: Moment): Stop => ({
    atMs,
    async reached() {
      const before = live.filter(({ nowMs }) => nowMs < atMs)
      await isRead(client, linesOf(history) + linesOf(before))
      await until(() => client.get<{ state: EventState }>(`/events/${event}`), hasReached(state))
    },
  })
}

function linesOf(bodies: readonly Body[]): number {
  return bodies.reduce((sum, { lines }) => sum + lines.length, 0)
}

function recompute(client: ApiClient, highWaterMs: number, takesBack = false): Promise<unknown> {
  const asked = { name: 'recompute', highWater: isoUtc(highWaterMs) }
  return client.post('/jobs', takesBack ? { ...asked, takesBack } : asked)
}

/**
 * Processes of jobs live in jobs only: as long as one is to be hit, the newest midnight is
 * published and taken back again.
 */
async function workUntil<T>(hitting: Promise<T>, { client, lastMs }: Jobs): Promise<T> {
  let isOver = false
  const end = () => {
    isOver = true
  }
  hitting.then(end, end)
  await sleep(0)
  for (let turn = 0; !isOver; turn++) {
    const isBack = turn % 2 === 1
    await recompute(client, isBack ? lastMs - dayMs : lastMs, isBack)
    await jobsEnd(client)
  }
  return hitting
}

/** Until the live rows have the baselines of the published generation. */
function isShown(client: ApiClient): Promise<unknown> {
  return until(
    () => client.get<ShownStatus>('/status'),
    ({ generation, watermarks }) => {
      return watermarks.every((each) => each.generation === generation?.generation)
    },
  )
}

/** Until both layers have read so many readings, whatever became of them. */
function isRead(client: ApiClient, sent: number): Promise<DriverStatus> {
  return until(
    () => client.get<DriverStatus>('/status'),
    ({ readings, speed }) => readings.read >= sent && speed.read >= sent,
  )
}

function jobsEnd(client: ApiClient): Promise<unknown> {
  return until(
    () => client.get<JobsAnswer>('/jobs'),
    ({ jobs }) => {
      expect(jobs.filter(({ state }) => state === 'failed')).toEqual([])
      return jobs.every(({ state }) => state === 'completed')
    },
  )
}

async function until<T>(ask: () => Promise<T>, isDone: (answer: T) => boolean): Promise<T> {
  for (const endMs = performance.now() + waitMsMax; ; ) {
    const answer = await ask()
    if (isDone(answer)) return answer
    if (performance.now() > endMs) throw new Error(JSON.stringify(answer).slice(0, 2_000))
    await sleep(pollMs)
  }
}

async function readViews(client: ApiClient, load: Load): Promise<Map<string, string>> {
  const views = new Map<string, string>()
  for (const view of comparedViews) {
    for (let ms = load.startMs - dayMs; ms < load.endMs; ms += dayMs) {
      const range = `from=${isoUtc(ms)}&to=${isoUtc(ms + dayMs)}`
      const rows = await client.text(`/views/${view}?${range}&limit=50000&format=csv`)
      views.set(`${view} ${isoUtc(ms)}`, rows)
    }
  }
  return views
}
