import { eachRun } from '../deviation/computeMeterDay.ts'
import { lastSlotOf, type Run } from '../deviation/speedDay.ts'
import type { Change } from './changes.ts'

export type ChangedRun = { readonly run: Run; readonly first: number; readonly next: number }

/** The pieces with cells of a meter's day, from the first changed slot on. */
export function eachChangedRun({ at, fromSlot }: Change, take: (piece: ChangedRun) => void): void {
  eachRun(at, [fromSlot, lastSlotOf(at) + 1], ({ run, first, next }) => {
    if (run) take({ run, first, next })
  })
}
