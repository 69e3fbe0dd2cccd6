import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { TooManyQuestionsError } from '../../../schemas/errors/request.ts'
import { remember, shareReads } from './remember.ts'

/** Counts its reads; each takes 10 ms. */
function counter() {
  const state = { reads: 0, isBroken: false }
  const read = async () => {
    state.reads += 1
    const answer = state.reads
    await sleep(10)
    if (state.isBroken) throw new Error('broken')
    return answer
  }
  return { state, read }
}

test('concurrent callers, and callers while it is fresh, share one answer', async () => {
  const { read, state } = counter()
  const ask = remember({ freshMs: 200 }, read)
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1])
  expect(await ask()).toBe(1)
  await sleep(220)
  expect(await ask()).toBe(2)
  expect(state.reads).toBe(2)
})

test('a stale answer is given at once while a newer one is read', async () => {
  const { read } = counter()
  const ask = remember({ freshMs: 0, staleMs: 1_000 }, read)
  expect(await ask()).toBe(1)
  // Waiting for the read it starts would have made this a 2.
  expect(await ask()).toBe(1)
  await sleep(40)
  expect(await ask()).toBe(2)
})

test('a failure reaches its waiters and is not cached', async () => {
  const { read, state } = counter()
  const ask = remember({ freshMs: 0, staleMs: 100 }, read)
  expect(await ask()).toBe(1)
  state.isBroken = true
  expect(await ask()).toBe(1)
  await sleep(120)
  await expect(ask()).rejects.toThrow('broken')
  state.isBroken = false
  expect(await ask()).toBe(4)
})

test('reads by key are shared, one runs at a time, and too many are refused', async () => {
  let running = 0
  const reads: string[] = []
  const ask = shareReads({ freshMs: 100, keysMax: 2 }, async (key) => {
    expect(++running).toBe(1)
    reads.push(key)
    await sleep(10)
    running--
    return key.toUpperCase()
  })
  const asked = [ask('a'), ask('b'), ask('a'), ask('b')]
  await expect(ask('c')).rejects.toThrow(TooManyQuestionsError)
  expect(await Promise.all(asked)).toEqual(['A', 'B', 'A', 'B'])
  expect(await ask('a')).toBe('A')
  expect(reads).toEqual(['a', 'b'])
  await sleep(130)
  expect(await ask('c')).toBe('C')
  expect(await ask('a')).toBe('A')
  expect(reads).toEqual(['a', 'b', 'c', 'a'])
})

test('a failing read by key blocks nobody and is retried', async () => {
  const { read, state } = counter()
  const ask = shareReads({ freshMs: 100, keysMax: 2 }, read)
  state.isBroken = true
  await expect(Promise.all([ask('a'), ask('a')])).rejects.toThrow('broken')
  state.isBroken = false
  expect(await ask('a')).toBe(2)
})
