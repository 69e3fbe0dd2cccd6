import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { type Part, runEach } from './runEach.ts'

/** Runs until the signal aborts. */
const untilEnd = (signal: AbortSignal) => () =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

function start(partsOf: (signal: AbortSignal) => Part[]) {
  const ends = new AbortController()
  const { signal } = ends
  const [warned, pauses]: [string[], number[]] = [[], []]
  let openCount = 0
  const done = runEach(partsOf(signal), {
    signal,
    clock: {
      nowMs: () => 0,
      elapsedMs: () => performance.now(),
      sleep: async (ms) => void pauses.push(ms),
    },
    whenOpen: () => {
      openCount++
    },
    warn: (sentence) => warned.push(sentence),
  })
  return { ends, done, warned, pauses, openCount: () => openCount }
}

test('one that fails, when opened or while it runs, is named; the others run on', async () => {
  const log: string[] = []
  let [opened, ran] = [0, 0]
  const { ends, done, warned, pauses, openCount } = start((signal) => [
    {
      name: 'Steady',
      open: async () => {
        log.push('steady')
        return untilEnd(signal)
      },
    },
    {
      name: 'Late',
      open: async () => {
        opened++
        if (opened < 4) throw new InvalidArgumentError('No key.')
        return untilEnd(signal)
      },
    },
    {
      name: 'Weak',
      open: async () => async () => {
        ran++
        if (ran === 1) throw new InvalidArgumentError('It broke.')
        await untilEnd(signal)()
      },
    },
  ])
  await expect.poll(() => [opened, ran]).toEqual([4, 2])
  expect(openCount()).toBe(1)
  expect(log).toEqual(['steady'])
  expect(warned.sort()).toEqual([
    ...Array(3).fill('Late failed and is opened again: No key.'),
    'Weak failed and is opened again: It broke.',
  ])
  expect(pauses.sort((a, b) => a - b)).toEqual([100, 100, 200, 400])
  ends.abort()
  await done
})

test('if none can be opened the reason of the first is thrown, and nothing goes on', async () => {
  let tries = 0
  const parts = ['First', 'Second'].map((name) => ({
    name,
    open: async () => {
      tries++
      throw new InvalidArgumentError(`${name} has no key.`)
    },
  }))
  const { done, openCount, warned } = start(() => parts)
  await expect(done).rejects.toThrow('First has no key.')
  expect([tries, openCount(), warned]).toEqual([2, 0, []])
})
