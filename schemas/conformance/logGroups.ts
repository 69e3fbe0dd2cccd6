import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PartitionLostError } from '../errors/log.ts'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import type { Assignment, Log, Membership } from '../ports/log.ts'
import type { LogHarness } from './log.ts'

const topic = 'readings.v1'
const other = 'readings.v1.rejected'
const partitions = { [topic]: 5, [other]: 1 }
const topics = [topic, other]
/** As many as a test has members. */
const openMax = 4

/**
 * The promise of `Membership`, as tests, of members that live in one process. What happens when one
 * is stopped or killed is in `logTakeover.ts`.
 *
 * @param leaseMs as short as the engine allows.
 */
export function describeLogGroups(
  engine: string,
  start: (partitions: Readonly<Record<string, number>>) => Promise<LogHarness>,
  leaseMs: number,
): void {
  describe(`groups of the log on ${engine}`, () => {
    let harness: LogHarness
    const logs: Log[] = []
    const unused: Log[] = []
    beforeEach(async () => {
      harness = await start(partitions)
      // Before any is written to: LMDB waits for a writer of the same process for ever.
      for (let each = 0; each < openMax; each++) unused.push(await harness.open())
    })
    afterEach(async () => {
      for (const log of [...logs.splice(0), ...unused.splice(0)]) await log.close()
      await harness.stop()
    })

    async function join(name: string): Promise<Membership> {
      const log = unused.shift()!
      logs.push(log)
      return log.join('speed', { topics, leaseMs, name })
    }

    test('who is alone has every partition, and two share them', async () => {
      const one = await join('one')
      await until(() => one.assigned().length === 6)
      expect(new Set(one.assigned().map(placeOf))).toEqual(new Set(everyPlace()))

      const two = await join('two')
      await settled([one, two])
      expect([one, two].map((each) => each.assigned().length)).toEqual([3, 3])
      const members = await logs[0]!.members('speed')
      expect(members.map(({ member }) => member).toSorted()).toEqual([one.member, two.member])
      const named = members.map(({ name, member }) => [member, name])
      expect(Object.fromEntries(named)).toEqual({ [one.member]: 'one', [two.member]: 'two' })
      for (const each of [one, two]) {
        const shown = members.find(({ member }) => member === each.member)!
        expect(shown.assigned.map(placeOf).toSorted()).toEqual(
          each.assigned().map(placeOf).toSorted(),
        )
      }
      expect(await logs[0]!.members('archive')).toEqual([])
    })

    test('members come and go: one owner each, balanced, and what stays stays', async () => {
      const members = [await join('0')]
      const epochs = new Map<string, { epoch: number; member: string }>()
      const owners = watchOwners(members)
      // 1, 2, 3, then 2, 3, 2 members; more in one process would want threads that it has not.
      for (const step of ['join', 'join', 'leave', 'join', 'leave']) {
        if (step === 'join') members.push(await join(`${members.length}`))
        else await members.shift()!.leave()

        await settled(members)
        for (const { member, assigned } of members.map(taken)) {
          for (const { epoch, ...at } of assigned) {
            const before = epochs.get(placeOf(at))
            if (before?.member === member) expect(epoch).toBe(before.epoch)
            else if (before) expect(epoch).toBeGreaterThan(before.epoch)
            epochs.set(placeOf(at), { epoch, member })
          }
        }
      }
      expect(await owners.stop()).toEqual([])
    })

    test('a commit of what went to another is refused, and the next owner commits', async () => {
      const [one, first] = [await join('one'), logs[0]!]
      await first.append(topic, 0, ['a', 'b', 'c'].map(record))
      for (const partition of [1, 2, 3, 4]) await first.append(topic, partition, [record('d')])
      await settled([one])
      const before = one.assigned()
      const two = await join('two')
      await settled([one, two])
      const lost = before.filter((each) => !one.assigned().some((now) => isSame(each, now)))
      expect(lost.length).toBe(3)

      for (const { epoch, ...at } of lost.filter((each) => each.topic === topic)) {
        const late = one.commit({ ...at, offset: 1 }, epoch)
        await expect(late).rejects.toThrow(PartitionLostError)
        const committed = async () =>
          (await first.progress('speed', topic))[at.partition]!.committed
        expect(await committed()).toBe(0)
        const now = two.assigned().find((each) => placeOf(each) === placeOf(at))!
        await two.commit({ ...at, offset: 1 }, now.epoch)
        expect(await committed()).toBe(1)
      }
      for (const { epoch, ...at } of one.assigned()) await one.commit({ ...at, offset: 0 }, epoch)
    })

    test('what comes back is fenced as well: its epoch is another one', async () => {
      const one = await join('one')
      await settled([one])
      const before = new Map(one.assigned().map((each) => [placeOf(each), each.epoch]))
      const two = await join('two')
      await settled([one, two])
      const moved = two.assigned().map(placeOf)
      await two.leave()
      await settled([one])

      for (const { epoch, ...at } of one.assigned()) {
        if (!moved.includes(placeOf(at))) continue
        expect(epoch).toBeGreaterThan(before.get(placeOf(at))!)
        const late = one.commit({ ...at, offset: 0 }, before.get(placeOf(at))!)
        await expect(late).rejects.toThrow(PartitionLostError)
        await one.commit({ ...at, offset: 0 }, epoch)
      }
    })

    test('a change ends a wait; who left has nothing, and its log has no member', async () => {
      const one = await join('one')
      await settled([one])
      const { changes } = one
      const signal = new AbortController().signal
      const waiting = one.waitForChange(changes, { msMax: 60_000, signal })
      const two = await join('two')
      await waiting
      expect(one.changes).not.toBe(changes)
      await settled([one, two])

      // By the log's close, as a process does that ends.
      await logs.pop()!.close()
      await settled([one])
      expect(two.assigned()).toEqual([])
      expect((await logs[0]!.members('speed')).map(({ member }) => member)).toEqual([one.member])
      await one.leave()
      expect(await logs[0]!.members('speed')).toEqual([])
    })

    test('a member is heard although it reads and commits nothing', async () => {
      const [one, two] = [await join('one'), await join('two')]
      await settled([one, two])
      const before = [one, two].map((each) => each.assigned())
      await sleep(1.3 * leaseMs)
      expect([one, two].map((each) => each.assigned())).toEqual(before)
    })

    test('a group without a name, and a topic that is not there, are refused', async () => {
      const log = unused.shift()!
      logs.push(log)
      const options = { topics, leaseMs, name: 'one' }
      await expect(log.join('', options)).rejects.toThrow(InvalidArgumentError)
      const unknown = log.join('speed', { ...options, topics: ['unknown'] })
      await expect(unknown).rejects.toThrow(InvalidArgumentError)
    })
  })

  /** All partitions are owned, balanced, and it stays so. */
  function settled(members: readonly Membership[]): Promise<void> {
    return until(() => {
      const all = members.map((each) => each.assigned())
      const lengths = all.map(({ length }) => length)
      const isBalanced = Math.max(...lengths) - Math.min(...lengths) <= 1
      return isBalanced && new Set(all.flat().map(placeOf)).size === everyPlace().length
    })
  }

  async function until(isSo: () => boolean): Promise<void> {
    const end = performance.now() + 10 * leaseMs
    while (!isSo()) {
      expect(performance.now(), 'before ten leases are over').toBeLessThan(end)
      await sleep(10)
    }
  }
}

/** Looks at every turn for a partition that two members have at once. */
function watchOwners(members: readonly Membership[]) {
  const doubled: string[] = []
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      const places = members.flatMap((each) => each.assigned().map(placeOf))
      doubled.push(...places.filter((place, index) => places.indexOf(place) !== index))
      await sleep(1)
    }
  })()
  return {
    async stop() {
      isOver = true
      await watching
      return doubled
    },
  }
}

function taken(each: Membership) {
  return { member: each.member, assigned: each.assigned() }
}

function everyPlace(): string[] {
  return Object.entries(partitions).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, partition) => placeOf({ topic: name, partition })),
  )
}

function placeOf({ topic: name, partition }: Omit<Assignment, 'epoch'>): string {
  return `${name}/${partition}`
}

function isSame(left: Assignment, right: Assignment): boolean {
  return placeOf(left) === placeOf(right) && left.epoch === right.epoch
}

function record(value: string) {
  return { key: new Uint8Array(), value: new TextEncoder().encode(value) }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
