import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type MeterId, meterId } from '../../../schemas/ids.ts'
import { columnsOf, encodeColumns } from '../../../schemas/reading/frame.ts'
import type { RosterId } from '../../../schemas/reading/roster.ts'
import { aReading } from '../../../schemas/reading/testing/aReading.ts'
import type { Status } from '../../../serving/shapes/status.ts'
import type { ApiClient } from '../../client/client.ts'
import type { LiveUp } from '../../e2e/liveUp.ts'
import { testProgramArgs } from '../../testing/engineArgs.ts'
import { meterName, metersOfBench } from '../senders/requestTexts.ts'
import type { SendParameters, Sent } from '../senders/sendReadings.ts'

export type Load = {
  readonly name: string
  /** What `up` gets besides its own. */
  readonly environment: Readonly<Record<string, string>>
  /** The body of `POST /meters`. */
  readonly meters: readonly object[]
  send(given: Sending): Promise<Sendings>
}

type Sending = { readonly up: LiveUp; readonly client: ApiClient; readonly seconds: number }

/** What was acknowledged, and a sentence for each thing that should not have been. */
type Sendings = {
  readonly readings: number
  readonly seconds: number
  readonly said: string
  readonly problems: readonly string[]
}

const stepS = 1_800
/** Readings are of months ago: of none it is said that it is in the future. */
const daysBack = 200
const fromS = (Math.floor(Date.now() / 86_400_000) - daysBack) * 86_400

const onesPerS = 5_000
const connections = 200
/**
 * Half-hours of 1,000 meters: cells of five days, which five readings of each a second fill within
 * a minute. From then on days are spilled, and the state is as large as it gets.
 */
const cellsOfOnes = 240_000

const gateways = 20
const readingsOfFrame = 1_000
/** Three days of 20,000 meters, full after a minute of 50,000 readings a second. */
const cellsOfThousands = 3_000_000
const frameType = 'application/vnd.wattproof.frame'
/** Frames on their way at one time. */
const framesAtOnce = 4
/** A layer that is further behind is waited for: what it follows is the rate. */
const behindMax = 400_000
const pollMs = 250

/** 5,000 a second whatever the answers, in frames of one; and all that both layers follow. */
export const loads: readonly Load[] = [
  {
    name: `${onesPerS.toLocaleString('en')} readings a second in frames of one`,
    environment: { WATTPROOF_SPEED_CELLS: String(cellsOfOnes) },
    meters: Array.from({ length: metersOfBench }, (_, index) => enrolled(meterName(index))),
    send: sendOnes,
  },
  {
    name: 'as many as both layers follow in frames of 1,000',
    environment: { WATTPROOF_SPEED_CELLS: String(cellsOfThousands) },
    meters: rosterNames().flat().map(enrolled),
    send: sendThousands,
  },
]

function enrolled(meter: string, index = 0) {
  return { meter, zone: 'UTC', group: `group-${index % 10}`, intervalS: stepS }
}

/** The sender is another process, whose time and memory are not the installation's. */
async function sendOnes({ up, seconds }: Sending): Promise<Sendings> {
  const parameters: SendParameters = {
    ...{ port: Number(new URL(up.url).port), token: up.token, connections },
    ...{ rate: onesPerS, seconds, fromS, stepS, body: 'frame' },
  }
  const program = await testProgramArgs('deploy/bench/senders/senderMain.ts')
  const sender = spawn(process.execPath, [...program, JSON.stringify(parameters)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  const [sent] = (await once(sender, 'message')) as [Sent]
  const { byStatus, latenciesMs, broken, unanswered } = sent
  const readings = byStatus[202] ?? 0
  const refused = latenciesMs.length - readings
  const of = (share: number) => latenciesMs[Math.floor((latenciesMs.length - 1) * share)] ?? 0
  return {
    ...{ readings, seconds: sent.seconds },
    said: `acknowledged within ${of(0.5).toFixed(0)} ms (p50), ${of(0.99).toFixed(0)} ms (p99)`,
    problems: [
      ...(refused === 0 ? [] : [`${refused} were refused: ${JSON.stringify(byStatus)}.`]),
      ...(broken + unanswered === 0 ? [] : [`${broken} cut off, ${unanswered} not answered.`]),
      ...(readings >= 0.98 * onesPerS * sent.seconds
        ? []
        : [`${Math.round(readings / sent.seconds)} a second were acknowledged.`]),
    ],
  }
}

async function sendThousands({ up, client, seconds }: Sending): Promise<Sendings> {
  const rosters: RosterId[] = []
  const rosterMeters = rosterNames()
  for (const meters of rosterMeters) {
    rosters.push((await client.post<{ roster: RosterId }>('/rosters', { meters })).roster)
  }
  const frames = framesOf(rosterMeters, rosters)
  const beganMs = performance.now()
  const isOver = () => performance.now() - beganMs > seconds * 1000
  let readings = 0
  const refused = new Map<number, number>()
  // The pause is looked for by one, and all wait for it.
  const pace = openPace(client, () => readings)
  const sendOn = async () => {
    while (!isOver()) {
      await pace.free()
      const status = await post(up, frames.next().value)
      if (status === 202) readings += readingsOfFrame
      else refused.set(status, (refused.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: framesAtOnce }, sendOn))
  const tookS = (performance.now() - beganMs) / 1000
  return {
    ...{ readings, seconds: tookS },
    said: `it waited ${pace.waitedS().toFixed(0)} s for the layers`,
    problems: [...refused].map(([status, count]) => `${count} frames were answered ${status}.`),
  }
}

function rosterNames(): MeterId[][] {
  return Array.from({ length: gateways }, (_, gateway) =>
    Array.from({ length: readingsOfFrame }, (_, at) => {
      return meterId(`G${String(gateway).padStart(2, '0')}-${String(at).padStart(4, '0')}`)
    }),
  )
}

/** Half-hour after half-hour, a frame of each gateway. */
function* framesOf(
  rosterMeters: readonly (readonly MeterId[])[],
  rosters: readonly RosterId[],
): Generator<Uint8Array, never> {
  const columns = rosterMeters.map((meters) =>
    columnsOf(
      meters.map((meter, at) => aReading({ meter, durationS: stepS, energyMwh: 1_000 * at })),
    ),
  )
  for (let slot = 0; ; slot++) {
    const t0Ms = (fromS + slot * stepS) * 1000
    for (const [gateway, own] of columns.entries()) {
      yield encodeColumns({ ...own, t0Ms }, rosters[gateway])
    }
  }
}

async function post({ url, token }: LiveUp, body: Uint8Array): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': frameType }
  const target = new URL('/api/v1/readings', url)
  const answer = await fetch(target, { method: 'POST', headers, body: Buffer.from(body) })
  await answer.arrayBuffer()
  return answer.status
}

/** Lets senders go on while both layers are close behind what was sent. */
function openPace(client: ApiClient, sent: () => number) {
  let [known, waitedMs] = [0, 0]
  let looking: Promise<void> | null = null
  const look = async () => {
    const beganMs = performance.now()
    while (sent() - known > behindMax) {
      const { readings, speed } = await client.get<Status>('/status')
      known = Math.min(readings.read, speed.read)
      if (sent() - known > behindMax) await sleep(pollMs)
    }
    waitedMs += performance.now() - beganMs
    looking = null
  }
  return {
    waitedS: () => waitedMs / 1000,
    async free(): Promise<void> {
      if (sent() - known <= behindMax) return
      looking ??= look()
      await looking
    },
  }
}
