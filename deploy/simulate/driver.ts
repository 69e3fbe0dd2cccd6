import { setTimeout as sleep } from 'node:timers/promises'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import type { IngestCounters } from '../../schemas/reading/reading.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import type { ApiClient } from '../client/client.ts'
import type { Delivery } from './disturb.ts'

/** The part of `GET /status` that a driver needs. */
export type DriverStatus = {
  readonly readings: IngestCounters
  readonly speed: IngestCounters
  readonly generation: { generation: number; highWater: string; modelId: string | null } | null
}

export type Driver = {
  nowMs(): EpochMs
  /** Moves the simulated clock to `ms`; never back, so that a resumed run may repeat its calls. */
  clockTo(ms: EpochMs): Promise<void>
  /** Sends one delivery; sending the same one again changes nothing. */
  deliver(delivery: Delivery, key: string): Promise<void>
  /** Waits until both layers have read everything that was sent. */
  caughtUp(): Promise<void>
  /** Lines delivered so far; one that a resumed run sends again counts once. */
  sent(): number
  /** Waits until `isDone` accepts the answer to a GET. */
  until<T>(path: string, isDone: (answer: T) => boolean, what: string): Promise<T>
}

const waitMsMax = 120_000
const pollMs = 60

/** Drives a simulation: it only does what a gateway and a clock would do. */
export function createDriver(options: {
  readonly client: ApiClient
  readonly clock: { nowMs(): EpochMs; set(ms: EpochMs): Promise<void> }
  readonly signal: AbortSignal
}): Driver {
  const { client, clock, signal } = options
  let sent = 0
  const until = async <T>(path: string, isDone: (answer: T) => boolean, what: string) => {
    const end = performance.now() + waitMsMax
    for (;;) {
      const answer = await client.get<T>(path)
      if (isDone(answer)) return answer
      if (performance.now() > end) {
        throw new InvariantError(
          `Waited ${waitMsMax / 1000} s for ${what} at ${isoUtc(clock.nowMs())}. ` +
            `The last answer of ${path} was ${JSON.stringify(answer).slice(0, 600)}`,
        )
      }
      await sleep(pollMs, undefined, { signal })
    }
  }
  return {
    until,
    nowMs: () => clock.nowMs(),
    clockTo: async (ms) => {
      if (ms > clock.nowMs()) await clock.set(ms)
    },
    deliver: async (delivery, idempotencyKey) => {
      const body = `${delivery.lines.join('\n')}\n`
      const contentType = 'application/x-ndjson'
      await client.post('/readings', body, { contentType, idempotencyKey })
      sent += delivery.lines.length
    },
    sent: () => sent,
    caughtUp: async () => {
      const isEven = ({ readings, speed }: DriverStatus) =>
        readings.read >= sent && speed.read >= sent
      await until('/status', isEven, 'the layers to read everything that was sent')
    },
  }
}
