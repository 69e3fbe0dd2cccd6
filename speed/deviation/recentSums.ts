import type { EpochMs } from '../../schemas/time.ts'
import { sumInterval } from './fillSums.ts'
import type { Group } from './group.ts'
import type { DayLookup } from './memberWords.ts'
import type { IntervalSum } from './sumSpeedGroup.ts'

/**
 * The sums that changed last, of some groups: another change costs the sites that changed. It is a
 * cache: a sum that gave way to others is made anew of all sites, and is the same.
 */
export type RecentSums = {
  /** Least recently changed first. */
  readonly order: Set<IntervalSum>
  readonly byGroup: Map<Group, Map<EpochMs, IntervalSum>>
  /** Sites of all of them, at 17 bytes. */
  sites: number
  readonly sitesMax: number
}

export function createRecentSums(sitesMax: number): RecentSums {
  return { order: new Set(), byGroup: new Map(), sites: 0, sitesMax }
}

/** When the state changes without them, or its groups do. */
export function forgetSums(recent: RecentSums): void {
  recent.order.clear()
  recent.byGroup.clear()
  recent.sites = 0
}

/** The sum of a group's interval, if it is kept; it was changed last then. */
export function findSum(recent: RecentSums, group: Group, startMs: EpochMs): IntervalSum | null {
  const known = recent.byGroup.get(group)?.get(startMs)
  if (!known) return null
  recent.order.delete(known)
  recent.order.add(known)
  return known
}

/** The sum as the state has it, of a day that is published as a whole: it takes no other's room. */
export function sumNow(
  recent: RecentSums,
  { group, startMs }: { group: Group; startMs: EpochMs },
  dayOf: DayLookup,
): IntervalSum {
  const known = recent.byGroup.get(group)?.get(startMs)
  if (known) return known
  const sum = sumInterval(group, startMs, dayOf)
  const hasRoom = recent.sites + group.sites.length <= recent.sitesMax
  return hasRoom ? keepSum(recent, sum) : sum
}

/** Keeps a sum that is complete; others give way. */
export function keepSum(recent: RecentSums, sum: IntervalSum): IntervalSum {
  const { order, byGroup, sitesMax } = recent
  const ofGroup = byGroup.get(sum.group) ?? new Map<EpochMs, IntervalSum>()
  byGroup.set(sum.group, ofGroup.set(sum.startMs, sum))
  order.add(sum)
  recent.sites += sum.group.sites.length
  for (const oldest of order) {
    if (recent.sites <= sitesMax) break
    order.delete(oldest)
    byGroup.get(oldest.group)!.delete(oldest.startMs)
    recent.sites -= oldest.group.sites.length
  }
  return sum
}
