import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { RetryableError } from '../../schemas/errors/wattproofError.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { type CreateApiParameters, createApi } from '../../serving/api/createApi.ts'
import type { ServingCommands } from '../../serving/programme/commands.ts'

/** For tests: what every door needs and the test at hand does not look at. */
export const testToken = 'a token for tests, long enough'.replaceAll(' ', '-')
export const bearer = { authorization: `Bearer ${testToken}` } as const

/** A clock that stands still until it is moved. */
export function standingClock(ms: EpochMs): Clock & { ms: EpochMs } {
  const clock = {
    ms,
    nowMs: () => clock.ms,
    sleep: (milliseconds: number, signal?: AbortSignal) =>
      sleep(milliseconds, undefined, signal ? { signal } : {}),
  }
  return clock
}

/** A port whose other end is down, as every port must bear. */
export function unreachable<Port extends object>(name: string): Port {
  const refuse = async () => {
    throw new RetryableError(`${name} cannot be reached.`)
  }
  return new Proxy({} as Port, {
    // A promise would be taken for one of these otherwise.
    get: (_, property) => (property === 'then' ? undefined : refuse),
  })
}

/** Doors on the ports that are given; the rest is unreachable. */
export function openTestApi(parameters: Partial<CreateApiParameters>): Promise<FastifyInstance> {
  return createApi({
    views: unreachable('The store of views'),
    log: unreachable('The log'),
    chain: unreachable('The chain'),
    jobs: unreachable('The queue of jobs'),
    models: unreachable('The shelf of models'),
    commands: unreachable<ServingCommands>('The settlement loop'),
    clock: standingClock(Date.UTC(2013, 1, 11, 18)),
    idleS: 300,
    retryDeadLetters: async (deadLetters) => ({ queued: deadLetters.length, stillRejected: [] }),
    startJob: async ({ name, highWaterMs }) => ({ id: `${name}-${highWaterMs}` }),
    token: testToken,
    version: '0.0.0',
    ...parameters,
  })
}
