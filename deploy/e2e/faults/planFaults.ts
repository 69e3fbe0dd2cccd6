import { seededRandom, shuffled } from '../../simulate/random.ts'

/**
 * All processes of `up`. Those of PostgreSQL and anvil have owners, which start them again; the
 * process of the jobs and the shards that it divides a recompute among live while there is one.
 */
export const victims = [
  'supervisor',
  'clickhouse',
  'postgres',
  'postmaster',
  'chain',
  'anvil',
  'serve',
  'speed',
  'batch',
  'validators',
  'job',
  'shard',
] as const

export type Victim = (typeof victims)[number]

export type Fault = {
  /** Since the load began. */
  readonly atMs: number
  readonly victim: Victim
  /** SIGKILL, or SIGSTOP and SIGCONT after `pauseMs`. */
  readonly kind: 'kill' | 'pause'
  readonly pauseMs: number
}

export type PlanFaultsParameters = {
  readonly seed: string
  readonly count: number
  readonly overMs: number
}

const pauseMsMin = 500
const pauseMsMax = 6_000

/**
 * Which process is killed or paused when: the same for the same seed.
 *
 * Each has its turn before any has its next, and what is killed in one turn is paused in the next:
 * with as many faults as processes each is hit, with twice as many in both ways. Times are spread
 * evenly, and anywhere within their share.
 */
export function planFaults({ seed, count, overMs }: PlanFaultsParameters): Fault[] {
  const random = seededRandom(`faults ${seed}`)
  const isKilledFirst = new Map(victims.map((each) => [each, random.below(2) === 0]))
  const turns = Math.ceil(count / victims.length)
  const order = Array.from({ length: turns }, (_, turn) =>
    shuffled(victims, random).map((victim) => ({ victim, isOdd: turn % 2 === 1 })),
  )
  return order
    .flat()
    .slice(0, count)
    .map(({ victim, isOdd }, index) => {
      const kind = isKilledFirst.get(victim) === isOdd ? 'pause' : 'kill'
      const atMs = Math.floor(((index + random.next()) * overMs) / count)
      const pauseMs = pauseMsMin + random.below(pauseMsMax - pauseMsMin)
      return { atMs, victim, kind, pauseMs: kind === 'pause' ? pauseMs : 0 }
    })
}
