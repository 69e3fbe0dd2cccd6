import { setImmediate as nextTick } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Hex32 } from '../../schemas/ids.ts'
import { type WatchHeadOptions, watchHead } from './watchHead.ts'

const [one, two]: Hex32[] = [`0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`]

/** A chain and a clock whose pauses end at once, and are noted. */
function open(pauses: Pick<WatchHeadOptions, 'pauseMsMax' | 'notices'> = {}) {
  const pausesMs: number[] = []
  const ends = new AbortController()
  const chain = { head: one as Hex32 | null, reads: 0 }
  const heads = watchHead({
    read: async () => {
      chain.reads++
      if (chain.head === null) throw new Error('It cannot be reached.')
      return chain.head
    },
    clock: {
      nowMs: () => 0,
      elapsedMs: () => performance.now(),
      sleep: (ms) => {
        pausesMs.push(ms)
        return nextTick()
      },
    },
    signal: ends.signal,
    pollMs: 100,
    ...pauses,
  })
  return { ends, chain, heads, pausesMs }
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

test('pauses double without a new block, and are short while reads are counted', async () => {
  const { chain, heads, pausesMs } = open({ pauseMsMax: 1_000 })
  await heads.wait(null)
  const waiting = heads.wait(one!)
  while (heads.reads < 7) await nextTick()
  chain.head = two!
  await waiting
  expect(pausesMs.slice(0, 7)).toEqual([100, 100, 200, 400, 800, 1_000, 1_000])
  const before = pausesMs.length
  await heads.wait(two!, 5)
  expect(pausesMs.slice(before)).toEqual([100, 100, 100, 100, 100])
})

test('an announced block is read at once, also one that comes during a read', async () => {
  const waits: { known: number; end: () => void }[] = []
  const notices = {
    seen: 0,
    wait: (known: number) => new Promise<void>((end) => void waits.push({ known, end })),
  }
  const { chain, heads } = open({ notices, pauseMsMax: 60_000 })
  const waiting = heads.wait(null)
  notices.seen = 1
  waits[0]!.end()
  await waiting
  expect([chain.reads, heads.head]).toEqual([1, one])
  void heads.wait(one!)
  // What was seen before the read of the head, not after it.
  expect(waits.map(({ known }) => known)).toEqual([0, 1])
})
