import { expect, test } from 'vitest'
import { isoUtc } from '../../schemas/time.ts'
import type { JobFacts } from './nextJobs.ts'
import type { Arrived } from './noteArrived.ts'
import { planTurn, type Seen } from './planTurn.ts'

const at = (text: string) => Date.parse(`2013-02-${text}Z`)
const facts: JobFacts = {
  ...{ zone: 'UTC', published: null, excludedDates: [], holidays: [], archived: 0 },
}
const idleS = 300

/** A partition's progress in event time, when its last record was read, and records read of all. */
type Partition = [reached: string | null, read: string, committed: number, end: number]

test('one meter on two partitions: the empty one is waited for ten minutes, then not', () => {
  const one: Partition = ['11T00:00', '11T09:00', 48, 48]
  // The empty one is waited for since the start; it is idle five minutes later.
  const empty: Partition = [null, '11T09:00', 0, 0]
  const turns = play([
    ['11T09:04', [one, empty]],
    ['11T09:05', [one, empty]],
    ['11T09:09', [one, empty]],
    ['11T09:10', [one, empty]],
  ])
  expect(turns).toEqual([null, null, null, '11T00:00'])
})

test('where all partitions have reached the high-water mark none is waited for', () => {
  const partitions: Partition[] = [
    ['11T00:30', '11T00:31', 48, 48],
    ['11T00:00', '11T00:01', 48, 48],
  ]
  expect(play([['11T01:00', partitions]])).toEqual(['11T00:00'])
})

test('a lagging partition is never idle: it delays the high-water mark until it is read', () => {
  const one: Partition = ['12T00:00', '12T01:00', 48, 48]
  const turns = play([
    ['12T09:00', [one, ['10T12:00', '11T09:00', 10, 48]]],
    // What had arrived is archived; more came meanwhile.
    ['12T09:00', [one, ['10T12:00', '11T09:00', 48, 90]]],
    ['12T09:01', [one, ['12T00:00', '12T09:01', 90, 90]]],
  ])
  expect(turns).toEqual([null, '10T00:00', '12T00:00'])
})

test('a day handed over partition by partition is published whole', () => {
  const before: Partition = ['10T00:00', '10T06:00', 48, 48]
  const after = (read: string): Partition => ['11T00:00', read, 96, 96]
  const published = { generation: 1, highWaterMs: at('10T00:00'), heldSinceMs: null }
  const turns = play(
    [
      ['11T05:59', [before, before]],
      // The first has delivered its day; the second still looks idle and starts two minutes later.
      ['11T06:00', [after('11T06:00'), before]],
      ['11T06:02', [after('11T06:00'), ['10T12:00', '11T06:02', 60, 96]]],
      ['11T06:06', [after('11T06:00'), ['10T12:00', '11T06:02', 90, 96]]],
      ['11T06:07', [after('11T06:00'), after('11T06:07')]],
    ],
    published,
  )
  expect(turns).toEqual([null, null, null, null, '11T00:00'])
})

test('a waking partition is waited for again; high-water marks only rise', () => {
  const published = { generation: 4, highWaterMs: at('20T00:00'), heldSinceMs: null }
  const one: Partition = ['21T00:00', '21T01:00', 96, 96]
  const turns = play(
    [
      ['21T01:30', [one, ['05T00:00', '21T01:29', 1, 1]]],
      ['21T01:34', [one, ['05T00:00', '21T01:29', 1, 1]]],
      ['21T01:39', [one, ['05T00:00', '21T01:29', 1, 1]]],
    ],
    published,
  )
  expect(turns).toEqual([null, null, '21T00:00'])
})

test('a clock that was a month ahead and came back holds nothing back', () => {
  // An empty partition, waited for since a time that is now in the future, and one that goes on.
  const empty: Partition = [null, '28T00:00', 0, 0]
  const one: Partition = ['11T00:00', '11T01:00', 48, 48]
  const published = { generation: 2, highWaterMs: at('10T00:00'), heldSinceMs: null }
  const turns = play(
    [
      ['11T01:00', [one, empty]],
      ['11T01:05', [one, empty]],
    ],
    published,
  )
  expect(turns).toEqual([null, '11T00:00'])
})

test('a delivery that is waited for when the clock comes back is waited for once more', () => {
  const published = { generation: 2, highWaterMs: at('10T00:00'), heldSinceMs: null }
  const one: Partition = ['11T00:00', '11T01:00', 48, 48]
  const before: Partition = ['10T00:00', '10T06:00', 48, 48]
  const turns = play(
    [
      // The clock is ahead by two weeks until the second turn.
      ['25T01:00', [one, before]],
      ['11T01:01', [one, before]],
      ['11T01:05', [one, before]],
      ['11T01:06', [one, before]],
    ],
    published,
  )
  expect(turns).toEqual([null, null, null, '11T00:00'])
})

test('meters that always send last week’s readings hold nobody’s days open', () => {
  const published = { generation: 2, highWaterMs: at('10T00:00'), heldSinceMs: null }
  const behind = (read: string): Partition => ['04T00:00', read, 48, 48]
  const one: Partition = ['11T00:30', '11T01:00', 48, 48]
  const turns = play(
    [
      ['11T01:00', [one, behind('11T00:59')]],
      ['11T01:04', [one, behind('11T01:03')]],
      ['11T01:05', [one, behind('11T01:04')]],
    ],
    published,
  )
  expect(turns).toEqual([null, null, '11T00:00'])
})

test('a high-water mark that the clock has not reached is taken back', () => {
  const one: Partition = ['27T00:00', '11T01:00', 48, 48]
  const published = { generation: 2, highWaterMs: at('27T00:00'), heldSinceMs: null }
  const turn = planTurn(null, seen('11T01:00', [one], published))
  expect(turn.jobs.map(({ id, data }) => [id, data.takesBack])).toEqual([
    [`recompute-${at('11T00:00')}-after-2`, true],
  ])
})

test('what has arrived by then is archived first', () => {
  const partitions = (committed: number): Partition[] => [['11T00:30', '11T00:31', committed, 50]]
  const turns = play([
    ['11T01:00', partitions(48)],
    ['11T01:00', partitions(50)],
  ])
  expect(turns).toEqual([null, '11T00:00'])
})

/** Turn after turn; the high-water mark each requests, or null. */
function play(
  turns: readonly [now: string, partitions: readonly Partition[]][],
  published: JobFacts['published'] = null,
): (string | null)[] {
  let arrived: Arrived | null = null
  return turns.map(([now, partitions]) => {
    const turn = planTurn(arrived, seen(now, partitions, published))
    arrived = turn.arrived
    const [job] = turn.jobs
    return job ? isoUtc(job.data.highWaterMs as number).slice(8, 16) : null
  })
}

function seen(
  now: string,
  partitions: readonly Partition[],
  published: JobFacts['published'],
): Seen {
  return {
    ...{ nowMs: at(now), latenessS: 3600, idleS, facts: { ...facts, published } },
    progress: partitions.map(([, , committed, end], partition) => {
      return { partition, start: 0, committed, end }
    }),
    rows: partitions.map(([reached, read], log_partition) => {
      const max_end_ms = reached === null ? null : at(reached)
      return { log_partition, next_offset: 0, max_end_ms, read_ms: at(read) }
    }),
  }
}
