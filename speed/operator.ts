import type { DayColumns } from '../schemas/deviation/dayState.ts'
import { invariant } from '../schemas/errors/wattproofError.ts'
import type { EpochMs } from '../schemas/time.ts'
import type { ArrivalColumns } from './deviation/arrival.ts'
import type { PublishedRows } from './following.ts'
import type { Changes } from './microbatch/changes.ts'
import type { SpeedState } from './microbatch/speedState.ts'

/** A column of an open day's cells. */
export type Column = keyof DayColumns | keyof ArrivalColumns

/**
 * What computes on the open days once the readings of a micro-batch are in their cells. Operators
 * run in the order of their list (`operators.ts`), and what they know is in the state alone: a
 * replay computes it again.
 */
export type Operator = {
  readonly name: string
  /** Columns that it needs: placed ones (`placedColumns`), or of an operator before it. */
  readonly reads: readonly Column[]
  /** Columns that it writes, and nobody else. */
  readonly writes: readonly Column[]
  /**
   * The local midnight of a zone with which a replay must begin, for what the operator shows from
   * an instant on: all readings since are in the state.
   */
  readonly replayFromMs: (openFromMs: EpochMs, zone: string) => EpochMs
  /** Computes what a micro-batch changed; returns the rows of it. */
  advance(state: SpeedState, changes: Changes): PublishedRows
  /** Computes the same without rows: they are for later, of the whole state at once. */
  replay(state: SpeedState, changes: Changes): void
  /** All rows of a state, in bounded pieces, which go on while micro-batches are taken in. */
  backlog(state: SpeedState): Iterable<PublishedRows>
}

/** The columns that placing readings and loading baselines write. */
const placedColumns: readonly Column[] = [
  ...(['energyMwh', 'durationS', 'baselineMwh', 'sigmaW'] as const),
  ...(['state', 'word', 'index'] as const),
]

/** @throws InvariantError where an operator reads what is not there yet, or two write the same. */
export function checkOperators(operators: readonly Pick<Operator, OperatorColumns>[]): void {
  const written = new Set(placedColumns)
  for (const { name, reads, writes } of operators) {
    const lacking = reads.filter((column) => !written.has(column))
    invariant(lacking.length === 0, `${name} reads ${lacking}, which nothing before it writes.`)
    const doubled = writes.filter((column) => written.has(column))
    invariant(doubled.length === 0, `${name} writes ${doubled}, which is written before it.`)
    for (const column of writes) written.add(column)
  }
}

type OperatorColumns = 'name' | 'reads' | 'writes'

/** Where a replay for all operators begins: the earliest of their local midnights. */
export function earliestReplay(
  operators: readonly Pick<Operator, 'replayFromMs'>[],
): Operator['replayFromMs'] {
  return (openFromMs, zone) =>
    Math.min(...operators.map(({ replayFromMs }) => replayFromMs(openFromMs, zone)))
}

/**
 * What operators compute of a micro-batch, as one.
 *
 * @throws InvariantError where two have rows of the same row set: one's would be lost.
 */
export function joinRows(rows: readonly PublishedRows[]): PublishedRows {
  const all: PublishedRows = {}
  for (const each of rows) {
    const doubled = Object.keys(each).filter((name) => Object.hasOwn(all, name))
    invariant(doubled.length === 0, `Two operators have rows of ${doubled}.`)
    Object.assign(all, each)
  }
  return all
}
