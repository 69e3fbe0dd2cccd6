import { expect, test } from 'vitest'
import { createHangWatch } from './hungProcess.ts'
import type { ThreadState } from './threadState.ts'

const everyMs = 2_000
const stopped: ThreadState = { doing: 'stopped', cpuMs: 40 }
const waiting = (cpuMs: number | null): ThreadState => ({ doing: 'waits', cpuMs })
const running = (cpuMs: number): ThreadState => ({ doing: 'runs', cpuMs })

/** What each of so many looks in a row says. */
function look(heart: ReturnType<typeof createHangWatch>, states: readonly (ThreadState | null)[]) {
  return states.map((state) => heart.look(() => state))
}
const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))

test('one that is stopped is hung at the fifth beat that was due', () => {
  const said = look(
    createHangWatch(everyMs),
    many(5, () => stopped),
  )
  expect(said).toEqual([null, null, null, null, 'it was stopped for 10 s'])
})

test('a beat clears it, and a process that is gone is not judged', () => {
  const heart = createHangWatch(everyMs)
  look(
    heart,
    many(4, () => stopped),
  )
  heart.beat()
  expect(
    look(
      heart,
      many(4, () => stopped),
    ),
  ).toEqual([null, null, null, null])
  expect(
    look(
      heart,
      many(9, () => null),
    ),
  ).toEqual(many(9, () => null))
})

test('one that is starved of processors is never hung, however long', () => {
  // 40 minutes in which it had 10 ms a look: 12 s.
  const said = look(
    createHangWatch(everyMs),
    many(1_200, (index) => running(index * 10)),
  )
  expect(said.filter((each) => each !== null)).toEqual([])
})

test('one that waits and uses no processor is hung; one that uses a little is not', () => {
  const deadlocked = look(
    createHangWatch(everyMs),
    many(10, () => waiting(500)),
  )
  // The first look does not read the state, the second sees it for the first time.
  expect(deadlocked).toEqual([...many(9, () => null), 'no sign of life for 20 s'])
  const slow = look(
    createHangWatch(everyMs),
    many(100, (index) => waiting(500 + 10 * index)),
  )
  expect(slow.filter((each) => each !== null)).toEqual([])
})

test('an endless loop is hung after a minute of processor time, not of waiting for one', () => {
  const heart = createHangWatch(everyMs)
  // From 1 s on, with 2 s of processor a look: 60 s are over at the 32nd.
  const said = look(
    heart,
    many(33, (index) => running(index * 2_000)),
  )
  expect(said.findIndex((each) => each !== null)).toBe(32)
  expect(said[32]).toBe('one computation took 62 s')
})

test('without a figure of processor time only two minutes of silence count', () => {
  const said = look(
    createHangWatch(everyMs),
    many(60, () => waiting(null)),
  )
  expect(said.findIndex((each) => each !== null)).toBe(59)
})
