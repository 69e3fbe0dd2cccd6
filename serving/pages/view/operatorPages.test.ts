import { expect, test } from 'vitest'
import type { Anchor } from '../../shapes/chain.ts'
import type { Status } from '../../shapes/status.ts'
import { chainHeadline, gasOf, stateOf, supportOf, transactionsOf } from './chainPage.ts'
import {
  batchTimes,
  countersHeadline,
  decodeSample,
  describeJob,
  gainOf,
  idleSentence,
  jobTitle,
  partitionRows,
  reasonRows,
} from './pipelinePage.ts'

const hash = (digit: string) => `0x${digit.repeat(64)}`
const transaction = (event: string, digit: string, gasUsed: number | null) => {
  return { event, transaction: hash(digit), block: 24, gasUsed }
}
const anchor = {
  state: 'final',
  stakeForMicros: '700',
  stakeTotalMicros: 1000,
  challengeEnds: '2013-02-12T00:00:00.000Z',
  transactions: [
    transaction('Proposed', 'a', 100),
    transaction('Attested', 'b', 50),
    transaction('Attested', 'b', 50),
    transaction('QuorumReached', 'b', 50),
    transaction('Finalized', 'c', null),
  ],
} as unknown as Anchor

test('gas of a transaction counts once, however many events it emitted', () => {
  expect(gasOf(anchor)).toBe(150)
  expect(transactionsOf(anchor).map(({ events }) => events)).toEqual([
    'Proposed',
    'Attested × 2, QuorumReached',
    'Finalized',
  ])
  expect(supportOf(anchor)).toBe(0.7)
})

test('the chain is final when every settlement is', () => {
  const of = (...states: string[]) => {
    const anchors = states.map((state) => ({ ...anchor, state }))
    return chainHeadline({ chainId: 1, contracts: {}, anchors: anchors as Anchor[] }, null)
  }
  expect(of()).toMatchObject({ word: 'Nothing anchored yet', tone: 'quiet' })
  expect(of('final', 'final')).toMatchObject({
    word: 'All settlements are final',
    figure: '2 of 2',
  })
  expect(of('attested', 'final')).toMatchObject({ word: 'On its way', tone: 'quiet' })
  expect(of('rejected', 'final')).toMatchObject({
    word: 'A settlement was rejected',
    tone: 'trouble',
  })
  expect(of('final').sentence).toBe('The chain does not answer now.')
})

test('each state of a settlement shows what it waits for', () => {
  const tell = (state: Anchor['state']) => stateOf({ ...anchor, state }, () => 'noon')
  expect(tell('attested')).toBe('Attested; it may be challenged until noon.')
  expect(tell('proposed')).toContain('two thirds')
  expect(tell('rejected')).toContain('third')
  expect(tell('final')).toContain('paid')
})

const counters = { read: 10, accepted: 7, duplicate: 2, rejected: 1, late: 0, corrected: 0 }
const lag = [
  {
    ...{ group: 'speed' as const, topic: 'readings.v1', partition: 0 },
    ...{ committed: 90, end: 100, records: 10, stalledS: null, reader: 'host:1' },
  },
]
const status = {
  ...{ readings: counters, speed: counters, isBalanced: true, lag },
  rejectedByReason: { unparsable: 1, 'bad-duration': 4, 'unknown-meter': 4 },
} as unknown as Status

test('counters balance, catch up, or do not balance', () => {
  expect(countersHeadline(status)).toMatchObject({ word: 'The counters balance', figure: '10' })
  const behind = { ...status, speed: { ...counters, read: 9, accepted: 6 } }
  expect(countersHeadline(behind)).toMatchObject({ word: 'Catching up', tone: 'quiet' })
  expect(countersHeadline({ ...status, isBalanced: false }).tone).toBe('trouble')
  expect(countersHeadline(status).sentence).toBe(
    '7 accepted + 2 duplicate + 1 rejected. 10 records wait in the log.',
  )
})

test('throughput is what was read between two samples', () => {
  const earlier = { atMs: 0, lag: [{ ...lag[0]!, committed: 50 }] }
  expect(partitionRows(null, { atMs: 0, lag })[0]?.perSecond).toBeNull()
  // 40 records in two seconds.
  expect(partitionRows(earlier, { atMs: 2000, lag })[0]?.perSecond).toBe(20)
})

test('idle partitions are named, with the time since when', () => {
  expect(idleSentence({ idlePartitions: [] }, 'Europe/London')).toBeNull()
  const idlePartitions = [{ partition: 1, since: '2013-02-11T12:00:00Z' }]
  const sentence = idleSentence({ idlePartitions }, 'Europe/London')
  expect(sentence).toMatch(/^Idle partitions do not block the schedule: 1 since .*12:00\.$/)
})

test('the batch layer is complete up to a local time, and behind since another', () => {
  const generation = {
    ...{ generation: 3, highWater: '2013-07-01T23:00:00.000Z', modelId: null },
    ...{ horizon: '2013-07-03T23:00:00.000Z', created: '2013-07-02T00:00:00.000Z' },
    heldSince: null,
  }
  const times = (dirtyDays: Status['dirtyDays']) => {
    return batchTimes({ generation, dirtyDays }, 'Europe/London')
  }
  expect(times(null)).toBe('Complete up to 2 Jul 2013, 00:00.')
  const since = '2013-07-02T11:00:00.000Z'
  expect(times({ days: 1, meters: 2, since })).toBe(
    'Complete up to 2 Jul 2013, 00:00; behind since 2 Jul 2013, 12:00.',
  )
  const held = { ...generation, heldSince: since }
  expect(batchTimes({ generation: held, dirtyDays: null }, 'Europe/London')).toBe(
    'Complete up to 2 Jul 2013, 00:00; held back by an operator since 2 Jul 2013, 12:00.',
  )
  expect(batchTimes({ generation: null, dirtyDays: null }, 'Europe/London')).toBe('')
})

test('reasons are sorted by how often, then by name', () => {
  expect(reasonRows(status).map(({ reason }) => reason)).toEqual([
    'bad-duration',
    'unknown-meter',
    'unparsable',
  ])
})

test('a sample shows its bytes, and invisible characters by their codes', () => {
  expect(decodeSample(btoa('{"a":1}\nb'))).toBe('{"a":1}\nb')
  expect(decodeSample(btoa('a\tb\0'))).toBe('a\\x09b\\x00')
})

test('jobs and models show their outcome', () => {
  const job = {
    ...{ id: 'recompute-1361318400000-after-1', name: 'recompute', attempts: 1 },
    ...{ state: 'completed' as const, failure: null },
    result: { outcome: 'published', modelId: 'f5', horizonMs: 1_361_491_200_000, figures: {} },
  }
  expect(jobTitle(job, 'Europe/London')).toBe('recompute up to 20 Feb 2013')
  expect(jobTitle({ id: 'mine', name: 'train' }, 'UTC')).toBe('mine')
  expect(describeJob(job, 'UTC')).toBe(
    'outcome published · model id f5 · horizon 22 Feb 2013, 00:00',
  )
  expect(describeJob({ ...job, state: 'failed', failure: 'No history.' }, 'UTC')).toBe(
    'No history.',
  )
  expect(gainOf({ metrics: { ratio: 0.87 } })).toBeCloseTo(0.13)
  expect(gainOf({ metrics: {} })).toBeNull()
})
