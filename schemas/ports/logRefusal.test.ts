import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { problemOf } from '../errors/problem.ts'
import { AnswersFullError, NotAcknowledgedError, TooManyRequestsError } from '../errors/request.ts'
import { InvariantError, RetryableError } from '../errors/wattproofError.ts'
import { failuresLoggedMax, logRefusal, type RefusedRequest } from './logRefusal.ts'

let said: string[]
let request: RefusedRequest

beforeEach(() => {
  vi.useFakeTimers()
  said = []
  const sink = (name: string) => ({
    warn: (_: object, sentence: string) => void said.push(`${name} warn ${sentence}`),
    error: (_: object, sentence: string) => void said.push(`${name} error ${sentence}`),
  })
  request = { log: sink('request'), server: { server: {}, log: sink('server') } }
})
afterEach(() => vi.useRealTimers())

function refuse(error: unknown, times = 1): void {
  for (let each = 0; each < times; each++)
    logRefusal(request, error, problemOf(error, 'r1').problem)
}

test('refusals for want of room or patience are one line a minute, however many', () => {
  refuse(new AnswersFullError({ bytesMax: 1 << 20 }), 1_000)
  refuse(new TooManyRequestsError({ retryAfterS: 3 }), 2_000)
  expect(said).toEqual([])
  vi.advanceTimersByTime(60_000)
  expect(said).toEqual([
    'server warn Refused in the last minute: Busy (1000), Too many requests (2000).',
  ])
  vi.advanceTimersByTime(600_000)
  expect(said).toHaveLength(1)
  refuse(new TooManyRequestsError({ retryAfterS: 3 }))
  vi.advanceTimersByTime(60_000)
  expect(said[1]).toBe('server warn Refused in the last minute: Too many requests (1).')
})

test('failures of stores are logged, and counted beyond the first of a minute', () => {
  const down = new RetryableError('Down.')
  refuse(down, failuresLoggedMax - 1)
  refuse(new NotAcknowledgedError(down), 1_000)
  expect(said).toEqual([
    ...Array(failuresLoggedMax - 1).fill('request warn Temporarily unavailable'),
    'request warn Not acknowledged',
  ])
  vi.advanceTimersByTime(60_000)
  expect(said.at(-1)).toBe('server warn Refused in the last minute: Not acknowledged (999).')
  refuse(down)
  expect(said.at(-1)).toBe('request warn Temporarily unavailable')
})

test('our own mistakes are logged each; what the client can mend is not', () => {
  refuse(new InvariantError('swordfish'), 50)
  refuse({ statusCode: 400, message: 'Cannot be read.' }, 50)
  expect(said).toEqual(Array(50).fill('request error Internal error'))
})
