import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { openClickHouseViews } from '../../../deploy/engines/views/clickhouseViews.ts'
import { unreachable } from '../../../deploy/testing/testApi.ts'
import { NotFinishedError, PortSilentError } from '../../../schemas/errors/request.ts'
import { ViewsUnreachableError } from '../../../schemas/errors/views.ts'
import type { EventId } from '../../../schemas/ids.ts'
import type { Chain } from '../../../schemas/ports/chain.ts'
import type { Jobs } from '../../../schemas/ports/jobs.ts'
import type { ServingCommands } from '../../programme/commands.ts'
import { openEventStore } from '../../store/eventStore.ts'
import { apiLimits } from '../http/limits.ts'
import { createSlots } from '../http/slots.ts'
import { boundCommands, boundPorts } from './boundPorts.ts'

/** Stores that stand still: they take a request and never answer. */

const never = <T>() => new Promise<T>(() => {})

afterEach(() => {
  vi.useRealTimers()
})

test('what the jobs store does not answer is refused, and not asked again meanwhile', async () => {
  vi.useFakeTimers()
  let asked = 0
  const jobs: Jobs = {
    ...unreachable<Jobs>('The job queue'),
    recent: () => {
      asked += 1
      return never()
    },
    add: () => never(),
  }
  const bounded = boundPorts({ chain: unreachable<Chain>('The chain'), jobs })
  const answers = [bounded.jobs.recent(5), bounded.jobs.recent(5), bounded.jobs.recent(6)]
  const job = { name: 'recompute', id: 'recompute-1', data: {} }
  const refused = Promise.allSettled([...answers, bounded.jobs.add(job)])
  await vi.advanceTimersByTimeAsync(2_000)
  for (const each of await refused) {
    expect(each).toMatchObject({ status: 'rejected', reason: expect.any(PortSilentError) })
  }
  const again = bounded.jobs.recent(5).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await again).toBeInstanceOf(PortSilentError)
  expect(asked).toBe(2)
})

test('a change that takes long is answered: it goes on, and may be repeated', async () => {
  vi.useFakeTimers()
  const commands: ServingCommands = {
    ...unreachable<ServingCommands>('The settlement loop'),
    claim: () => never(),
    addVerdict: () => never(),
  }
  const bounded = boundCommands(commands)
  const verdict = { period: 1, validator: '0x0' as const, signature: null, refusal: 'No.' }
  const kept = bounded.addVerdict(verdict as never).catch((error: unknown) => error)
  let isClaimOver = false
  const claim = bounded.claim('event' as EventId).catch((error: unknown) => {
    isClaimOver = true
    return error
  })
  await vi.advanceTimersByTimeAsync(30_000)
  expect(await kept).toBeInstanceOf(NotFinishedError)
  expect(isClaimOver).toBe(false)
  await vi.advanceTimersByTimeAsync(90_000)
  expect(await claim).toMatchObject({ message: expect.stringMatching(/120 s; it goes on/) })
})

test('after the first all who ask a store that stands still are refused at once', async () => {
  let stands = true
  const server = createHttpServer((_, reply) => {
    if (!stands) reply.end('{}\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const views = await openClickHouseViews({ url: `http://127.0.0.1:${port}`, isAwaited: true })
  const slots = createSlots({ ...apiLimits.reads, runningMax: 2, runningPerSenderMax: 2 })
  const read = async () => {
    const leave = await slots.enter('::1')
    return views.ping().finally(() => leave?.())
  }
  const beganMs = performance.now()
  // Ten turns of two: each of a second and a half, if every one found it out by itself.
  const refused = await Promise.allSettled(Array.from({ length: 20 }, read))
  expect(performance.now() - beganMs).toBeLessThan(3_500)
  for (const each of refused) {
    expect(each).toMatchObject({ status: 'rejected', reason: expect.any(ViewsUnreachableError) })
  }
  stands = false
  await expect
    .poll(() => read().then(() => 'answered', String), { timeout: 5_000 })
    .toBe('answered')
  await views.close()
  server.closeAllConnections()
  server.close()
})

test('a store that is killed after it stood still is waited for no longer', async () => {
  const server = createHttpServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const views = await openClickHouseViews({ url: `http://127.0.0.1:${port}`, isAwaited: true })
  const beganMs = performance.now()
  const refused = views.ping().catch((error: unknown) => error)
  await sleep(1_200)
  server.closeAllConnections()
  server.close()
  expect(await refused).toBeInstanceOf(ViewsUnreachableError)
  expect(performance.now() - beganMs).toBeLessThan(2_500)
  await views.close()
})

test('an event is refused, and not kept waiting, by a store that stands still', async () => {
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const views = await openClickHouseViews({ url: `http://127.0.0.1:${port}`, isAwaited: true })
  await expect(openEventStore(views).meters()).rejects.toBeInstanceOf(ViewsUnreachableError)
  await views.close()
  server.close()
})
