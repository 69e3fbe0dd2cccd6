import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import { type LogRecord, type NewRecord, readBytesMax, valueBytesMax } from '../logRecord.ts'
import type { Log } from '../ports/log.ts'

/** An empty log that any number of clients may open, as processes do. */
export type LogHarness = { open(): Promise<Log>; stop(): Promise<void> }

const topic = 'readings.v1'
const partitions = { [topic]: 2, 'readings.v1.rejected': 1 }

/**
 * The promise of `Log`, as tests. Each engine's test file calls this and adds tests of what is
 * specific to the engine.
 *
 * @param start an empty log with these numbers of partitions; called for each test.
 */
export function describeLog(
  engine: string,
  start: (partitions: Readonly<Record<string, number>>) => Promise<LogHarness>,
): void {
  describe(`log on ${engine}`, () => {
    let harness: LogHarness
    let log: Log
    beforeEach(async () => {
      harness = await start(partitions)
      log = await harness.open()
    })
    afterEach(async () => {
      await log.close()
      await harness.stop()
    })

    test('reads in the order of appending, without a gap', async () => {
      expect(await log.append(topic, 0, [record('a'), record('b')])).toBe(0)
      expect(await log.append(topic, 0, [record('c')])).toBe(2)

      const records = await log.read(from(0), 10)

      expect(texts(records)).toEqual(['a', 'b', 'c'])
      expect(records.map((each) => each.position)).toEqual([from(0), from(1), from(2)])
    })

    test('stamps each record with a time that never falls within its partition', async () => {
      const beforeMs = Date.now()
      for (const text of ['a', 'b', 'c']) await log.append(topic, 0, [record(text), record(text)])
      const stamps = (await log.read(from(0), 10)).map(({ loggedMs }) => loggedMs)

      expect(stamps).toHaveLength(6)
      expect(stamps.toSorted((left, right) => left - right)).toEqual(stamps)
      expect(stamps[0]).toBeGreaterThanOrEqual(beforeMs - 1)
      expect(stamps.at(-1)).toBeLessThanOrEqual(Date.now() + 1)
      // The same however often it is read.
      expect((await log.read(from(4), 10)).map(({ loggedMs }) => loggedMs)).toEqual(stamps.slice(4))
    })

    test('reads from the middle, no more than asked, and nothing only at the end', async () => {
      await log.append(topic, 0, ['a', 'b', 'c', 'd', 'e'].map(record))

      expect(texts(await log.read(from(3), 10))).toEqual(['d', 'e'])
      expect((await log.read(from(1), 2)).length).toBeLessThanOrEqual(2)
      expect(texts(await readPages(log, 2))).toEqual(['a', 'b', 'c', 'd', 'e'])
      expect(await log.read(from(5), 10)).toEqual([])
    })

    test('a read has a bound in bytes, however many records are asked for', async () => {
      const value = new Uint8Array(valueBytesMax)
      const count = readBytesMax / valueBytesMax + 8
      for (let index = 0; index < count; index++)
        await log.append(topic, 0, [{ ...record('k'), value }])

      const read = await log.read(from(0), 10 * count)
      const bytes = read.slice(0, -1).reduce((sum, each) => sum + each.value.length, 0)
      expect(bytes).toBeLessThanOrEqual(readBytesMax)
      expect((await log.read(from(read.length), count)).length).toBe(count - read.length)
    })

    test('partitions and topics do not affect one another', async () => {
      await log.append(topic, 0, [record('zero')])
      await log.append(topic, 1, [record('one')])
      await log.append('readings.v1.rejected', 0, [record('refused')])

      expect(texts(await log.read(from(0, 1), 10))).toEqual(['one'])
      expect(texts(await log.read(from(0), 10))).toEqual(['zero'])
      const rejected = { topic: 'readings.v1.rejected', partition: 0, offset: 0 }
      expect(texts(await log.read(rejected, 10))).toEqual(['refused'])
    })

    test('concurrent appends stay whole, each in one block', async () => {
      const sizes = Array.from({ length: 40 }, (_, index) => 1 + (index % 5))
      const firsts = await Promise.all(
        sizes.map((size, index) =>
          log.append(
            topic,
            0,
            Array.from({ length: size }, (_, each) => record(`${index}.${each}`)),
          ),
        ),
      )

      const read = texts(await readPages(log, 50))
      // 8 rounds of 1 + 2 + 3 + 4 + 5.
      expect(read.length).toBe(120)
      sizes.forEach((size, index) => {
        const block = read.slice(firsts[index], firsts[index]! + size)
        expect(block).toEqual(Array.from({ length: size }, (_, each) => `${index}.${each}`))
      })
    })

    test('clients of one log share its offsets and see what the others append', async () => {
      const other = await harness.open()
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? log : other).append(topic, 0, [record(`${index}`)]),
        ),
      )

      const mine = await readPages(log, 100)
      expect(mine.map((each) => each.position.offset)).toEqual(Array.from({ length: 20 }, at))
      expect(texts(await readPages(other, 100))).toEqual(texts(mine))
      await other.close()
    })

    test('what was acknowledged is there for a later client', async () => {
      await log.append(topic, 1, [record('kept')])
      await log.commit('speed', from(1, 1))
      await log.close()
      log = await harness.open()

      expect(texts(await log.read(from(0, 1), 10))).toEqual(['kept'])
      expect(await log.append(topic, 1, [record('next')])).toBe(1)
      expect(await log.progress('speed', topic)).toEqual([
        { partition: 0, start: 0, committed: 0, end: 0 },
        { partition: 1, start: 0, committed: 1, end: 2 },
      ])
    })

    test('a group that returns starts at its own commit', async () => {
      await log.append(topic, 0, [record('a'), record('b'), record('c')])
      await log.commit('speed', from(2))

      expect((await log.progress('speed', topic))[0]?.committed).toBe(2)
      expect((await log.progress('archive', topic))[0]?.committed).toBe(0)

      // A replay commits an earlier offset.
      await log.commit('speed', from(1))
      expect((await log.progress('speed', topic))[0]?.committed).toBe(1)
    })

    test('progress lists every partition before anything was appended', async () => {
      expect(await log.progress('speed', topic)).toEqual([
        { partition: 0, start: 0, committed: 0, end: 0 },
        { partition: 1, start: 0, committed: 0, end: 0 },
      ])
    })

    test('keys and values come back byte for byte', async () => {
      const all = Uint8Array.from({ length: 256 }, at)
      const large = new Uint8Array(valueBytesMax - 1).map((_, index) => (index * 7919) % 251)
      await log.append(topic, 0, [
        { key: all, value: new Uint8Array() },
        { key: new Uint8Array(), value: all },
        { key: all, value: large },
      ])

      const records = await readPages(log, 3)
      expect(records.map((each) => each.key.length)).toEqual([256, 0, 256])
      expect(records.map((each) => each.value.length)).toEqual([0, 256, large.length])
      expect(Buffer.compare(records[0]!.key, all)).toBe(0)
      expect(Buffer.compare(records[1]!.value, all)).toBe(0)
      expect(Buffer.compare(records[2]!.value, large)).toBe(0)
    })

    test('what was read stays as it is while more is appended and read', async () => {
      await log.append(topic, 0, [record('first')])
      const [first] = await log.read(from(0), 1)
      await log.append(topic, 0, [record('other')])
      await log.read(from(1), 1)

      expect(texts([first!])).toEqual(['first'])
    })

    test('a caller may use its buffers again after the append', async () => {
      const value = new TextEncoder().encode('before')
      await log.append(topic, 0, [{ key: new Uint8Array(), value }])
      value.fill(0)

      expect(texts(await log.read(from(0), 1))).toEqual(['before'])
    })

    test('a wait ends with a record of another client, and at once when it is there', async () => {
      const other = await harness.open()
      const signal = new AbortController().signal
      // By looking once a second this would take as many seconds as there are rounds.
      const rounds = 20
      const start = performance.now()
      for (let round = 0; round < rounds; round++) {
        const waiting = log.waitForRecords([from(round), from(0, 1)], { msMax: 60_000, signal })
        await other.append(topic, 0, [record(`${round}`)])
        await waiting
        expect(texts(await log.read(from(round), 10))).toEqual([`${round}`])
        await log.waitForRecords([from(round)], { msMax: 60_000, signal })
      }
      expect(performance.now() - start).toBeLessThan((rounds * 1_000) / 2)
      await other.close()
    })

    test('a wait ends without a record after its time, or when it is aborted', async () => {
      await log.append(topic, 1, [record('elsewhere')])
      const stop = new AbortController()
      await log.waitForRecords([from(0)], { msMax: 20, signal: stop.signal })

      const waiting = log.waitForRecords([from(0)], { msMax: 60_000, signal: stop.signal })
      stop.abort()
      await waiting
      await log.waitForRecords([from(0)], { msMax: 60_000, signal: stop.signal })
      expect(await log.read(from(0), 1)).toEqual([])
    })

    test('an append of nothing changes nothing', async () => {
      await log.append(topic, 0, [record('a')])

      expect(await log.append(topic, 0, [])).toBe(1)
      expect((await log.progress('speed', topic))[0]?.end).toBe(1)
    })

    test('a topic or partition that is not configured is refused', async () => {
      const stranger = { topic: 'unknown', partition: 0, offset: 0 }
      await expect(log.append('unknown', 0, [record('a')])).rejects.toThrow(InvalidArgumentError)
      await expect(log.append(topic, 2, [record('a')])).rejects.toThrow(InvalidArgumentError)
      await expect(log.read(stranger, 1)).rejects.toThrow(InvalidArgumentError)
      await expect(log.commit('speed', stranger)).rejects.toThrow(InvalidArgumentError)
      const soon = { msMax: 1, signal: new AbortController().signal }
      await expect(log.waitForRecords([stranger], soon)).rejects.toThrow(InvalidArgumentError)
      await expect(log.progress('speed', 'unknown')).rejects.toThrow(InvalidArgumentError)
    })

    test('any appends, read in pages of any size, are the same list', async () => {
      const model: string[] = []
      const append = fc.array(fc.string({ maxLength: 20 }), { minLength: 1, maxLength: 8 })
      await fc.assert(
        fc.asyncProperty(append, fc.integer({ min: 1, max: 9 }), async (values, page) => {
          expect(await log.append(topic, 0, values.map(record))).toBe(model.length)
          model.push(...values)
          expect(texts(await readPages(log, page))).toEqual(model)
        }),
        { numRuns: 15 },
      )
    })
  })

  function from(offset: number, partition = 0) {
    return { topic, partition, offset }
  }

  /** Reads partition 0 to its end, as a consumer does. */
  async function readPages(log: Log, page: number): Promise<LogRecord[]> {
    const records: LogRecord[] = []
    for (;;) {
      const more = await log.read(from(records.length), page)
      if (more.length === 0) return records
      records.push(...more)
    }
  }
}

function record(value: string): NewRecord {
  return {
    key: new TextEncoder().encode(`key of ${value}`),
    value: new TextEncoder().encode(value),
  }
}

function texts(records: readonly LogRecord[]): string[] {
  return records.map((each) => new TextDecoder().decode(each.value))
}

function at(_: unknown, index: number): number {
  return index
}
