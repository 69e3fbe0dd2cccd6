import { listTree } from '../../testing/processTree.ts'
import { measureMemory } from '../processMemory.ts'
import { nameOfProcess } from '../processNames.ts'

/** Resident pages that are no file's, by what the process does, MB. */
export type MemorySample = {
  readonly ownMb: ReadonlyMap<string, number>
  /** Which part of the time it is of, from 1. */
  readonly part: number
}

/** How much more than in the second part of the time a process may have in a later one. */
const growthMbMax = 100
const growthShareMax = 0.25

/** The memory of a process and of all below it. Linux only, for `/proc`. */
export function sampleMemory(root: number): Omit<MemorySample, 'part'> {
  const tree = listTree(root)
  const { ownMb } = measureMemory(tree)
  const byName = new Map<string, number>()
  for (const each of tree) {
    const name = nameOfProcess(each)
    byName.set(name, (byName.get(name) ?? 0) + (ownMb.get(each.pid) ?? 0))
  }
  return { ownMb: byName }
}

/**
 * A sentence for each process whose memory is not flat: the mean of a part after the second is
 * above that of the second by more than 100 MB and a quarter. Of 2.4 million readings one by one,
 * in the eight minutes after the second, 100 MB are 40 bytes each.
 */
export function memoryProblems(samples: readonly MemorySample[], parts: number): string[] {
  const names = new Set(samples.flatMap(({ ownMb }) => [...ownMb.keys()]))
  return [...names].flatMap((name) => {
    const means = Array.from({ length: parts }, (_, index) => meanOf(samples, name, index + 1))
    const [, second = 0, ...later] = means.map((each) => each ?? 0)
    const most = Math.max(0, ...later)
    if (most <= second + Math.max(growthMbMax, growthShareMax * second)) return []
    const all = means.map((each) => each?.toFixed(0) ?? '-').join(', ')
    return [`The memory of ${name} is not flat: ${all} MB.`]
  })
}

/** Null of a part without a sample. */
function meanOf(samples: readonly MemorySample[], name: string, part: number): number | null {
  const own = samples.filter((each) => each.part === part)
  if (own.length === 0) return null
  return own.reduce((sum, { ownMb }) => sum + (ownMb.get(name) ?? 0), 0) / own.length
}
