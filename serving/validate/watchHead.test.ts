import { setImmediate as nextTick } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Hex32 } from '../../schemas/ids.ts'
import { watchHead } from './watchHead.ts'

const [one, two]: Hex32[] = [`0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`]

/** A chain and a clock whose pauses end at once. */
function open() {
  const ends = new AbortController()
  const chain = { head: one as Hex32 | null, reads: 0 }
  const heads = watchHead({
    read: async () => {
      chain.reads++
      if (chain.head === null) throw new Error('It cannot be reached.')
      return chain.head
    },
    clock: { nowMs: () => 0, sleep: () => nextTick() },
    signal: ends.signal,
  })
  return { ends, chain, heads }
}

test('however many wait, one asks; they go on with the next block', async () => {
  const { chain, heads } = open()
  await heads.wait(null)
  expect([heads.head, heads.reads, chain.reads]).toEqual([one, 1, 1])
  const went: number[] = []
  const waiting = [0, 1, 2, 3].map((each) => heads.wait(one!).then(() => went.push(each)))
  while (heads.reads < 10) await nextTick()
  expect(went).toEqual([])
  chain.head = two!
  await Promise.all(waiting)
  expect(went).toHaveLength(4)
  expect(heads.reads).toBe(chain.reads)
  expect(heads.head).toBe(two)
})

test('while none waits the chain is not read, nor for a head that is known to be old', async () => {
  const { chain, heads } = open()
  await heads.wait(null)
  for (let turn = 0; turn < 20; turn++) await nextTick()
  await heads.wait(two!)
  await heads.wait(one!, 0)
  expect(chain.reads).toBe(1)
})

test('a wait ends after so many reads, or with its signal', async () => {
  const { chain, ends, heads } = open()
  await heads.wait(null)
  await heads.wait(one!, 5)
  expect(chain.reads).toBe(6)
  const waiting = heads.wait(one!)
  ends.abort()
  await waiting
})

test('a chain that cannot be read wakes those who wait, and again when it is back', async () => {
  const { chain, heads } = open()
  await heads.wait(null)
  chain.head = null
  await heads.wait(one!)
  expect(heads.head).toBe(null)
  const waiting = heads.wait(null)
  chain.head = one!
  await waiting
  expect(heads.head).toBe(one)
})
