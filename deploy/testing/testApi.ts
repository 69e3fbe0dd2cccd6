import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { RetryableError } from '../../schemas/errors/wattproofError.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { type CreateApiParameters, createApi } from '../../serving/api/createApi.ts'
import type { ServingCommands } from '../../serving/programme/commands.ts'
import { expectDeclaredKinds } from './expectDeclaredKinds.ts'

/** Dependencies that every route needs and a test does not look at. */
export const testToken = 'a token for tests, long enough'.replaceAll(' ', '-')
export const bearer = { authorization: `Bearer ${testToken}` } as const

/** A clock that does not move until it is set. */
export function standingClock(ms: EpochMs): Clock & { ms: EpochMs } {
  const clock = {
    ms,
    nowMs: () => clock.ms,
    elapsedMs: () => performance.now(),
    sleep: (milliseconds: number, signal?: AbortSignal) =>
      sleep(milliseconds, undefined, signal ? { signal } : {}),
  }
  return clock
}

/** A port whose engine is down. */
export function unreachable<Port extends object>(name: string): Port {
  const refuse = async () => {
    throw new RetryableError(`${name} cannot be reached.`)
  }
  return new Proxy({} as Port, {
    // Without `then`, so that it is not mistaken for a promise.
    get: (_, property) => (property === 'then' ? undefined : refuse),
  })
}

/**
 * The API on the given ports; the others are unreachable. A test whose request is answered with a
 * kind of problem that its route does not declare fails.
 */
export function openTestApi(parameters: Partial<CreateApiParameters>): Promise<FastifyInstance> {
  const { extensions = [], ...others } = parameters
  // First: later extensions may start what was registered before.
  return openPartialApi({ ...others, extensions: [expectDeclaredKinds, ...extensions] })
}

/** The API on the given ports, outside a test; the others are unreachable. */
export function openPartialApi(parameters: Partial<CreateApiParameters>): Promise<FastifyInstance> {
  return createApi({
    views: unreachable('The views store'),
    log: unreachable('The log'),
    chain: unreachable('The chain'),
    jobs: unreachable('The job queue'),
    models: unreachable('The model store'),
    commands: unreachable<ServingCommands>('The settlement loop'),
    clock: standingClock(Date.UTC(2013, 1, 11, 18)),
    idleS: 300,
    isDaily: true,
    retryDeadLetters: async (deadLetters) => ({ queued: deadLetters.length, stillRejected: [] }),
    startJob: async ({ name, highWaterMs }) => ({
      id: `${name}-${highWaterMs}`,
      sentence: 'Added.',
    }),
    token: testToken,
    version: '0.0.0',
    ...parameters,
  })
}
