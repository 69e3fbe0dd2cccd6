import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiClient } from '../../client/client.ts'
import type { SimulatedClock } from '../../engines/clock/simulatedClock.ts'
import type { Body } from './load.ts'

export type SendLoadParameters = {
  readonly client: ApiClient
  readonly clock: SimulatedClock
  readonly bodies: readonly Body[]
  /** Readings a second, whatever the answers; infinite: each request after an answer. */
  readonly rate: number
  /** Readings a second after an outage, until it is on time again. */
  readonly rateMax?: number
  /** Called with the simulated time before it moves on. */
  movesTo?(nowMs: number): void
  /** Stops on the clock's way, in order: all of before is acknowledged, and it waits for each. */
  readonly stops?: readonly Stop[]
}

export type Stop = { readonly atMs: number; reached(): Promise<unknown> }

const requestsMax = 8
/** Every so many requests are sent again with their key, as after an answer that was lost. */
const againEvery = 10

/**
 * Sends at the times that the rate asks for: after an outage as fast as it is taken, and no faster
 * than `rateMax`, until it is on time again. A request is repeated until it is acknowledged.
 */
export async function sendLoad(load: SendLoadParameters): Promise<{ seconds: number }> {
  const { bodies, clock, rate, rateMax = Number.POSITIVE_INFINITY } = load
  const beganMs = performance.now()
  const running = new Set<Promise<void>>()
  let [due, freeMs] = [0, beganMs]
  for (const [index, body] of bodies.entries()) {
    const dueMs = Math.max(beganMs + (due / rate) * 1000, freeMs)
    await sleep(Math.max(0, dueMs - performance.now()))
    while (running.size >= requestsMax) await Promise.race(running)
    if (body.nowMs > clock.nowMs()) {
      await passStops(load, body.nowMs, running)
      load.movesTo?.(body.nowMs)
      await clock.set(body.nowMs)
    }
    due += body.lines.length
    freeMs = Math.max(freeMs, performance.now()) + (body.lines.length / rateMax) * 1000
    const sending: Promise<void> = send(load.client, body, index % againEvery === 0).then(() => {
      running.delete(sending)
    })
    running.add(sending)
  }
  await Promise.all(running)
  return { seconds: (performance.now() - beganMs) / 1000 }
}

async function passStops(
  { clock, stops = [] }: SendLoadParameters,
  nowMs: number,
  running: ReadonlySet<Promise<void>>,
): Promise<void> {
  const fromMs = clock.nowMs()
  for (const { atMs, reached } of stops) {
    if (atMs <= fromMs || atMs > nowMs) continue
    await Promise.all(running)
    await clock.set(atMs)
    await reached()
  }
}

async function send(client: ApiClient, body: Body, isTwice: boolean): Promise<void> {
  const options = { contentType: 'application/x-ndjson', idempotencyKey: body.key }
  for (let left = isTwice ? 2 : 1; left > 0; left--) {
    await client.post('/readings', `${body.lines.join('\n')}\n`, options)
  }
}
