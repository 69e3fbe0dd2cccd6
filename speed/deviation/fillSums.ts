import { slotOf } from '../../schemas/meter/grid.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { placesOfBlock } from './blockPlaces.ts'
import { type Group, isOfStep, type SummedRoster } from './group.ts'
import type { DayLookup } from './memberWords.ts'
import type { RunBlock } from './speedDay.ts'
import { emptySum, type IntervalSum, putLanes, putSite } from './sumSpeedGroup.ts'

/** Below this share of a roster's lanes, sites are looked up one by one. */
const shareMin = 1 / 8

/** The sum of an interval from `startMs`, of all sites. */
export function sumInterval(group: Group, startMs: EpochMs, dayOf: DayLookup): IntervalSum {
  const sum = emptySum(group, startMs)
  fillSums([sum], dayOf)
  return sum
}

/**
 * Puts all sites into empty sums. Those of one instant together: its first readings make a sum of
 * each group, and the cells of a slot are read once, one after another.
 */
export function fillSums(sums: readonly IntervalSum[], dayOf: DayLookup): void {
  const byStart = new Map<EpochMs, IntervalSum[]>()
  for (const sum of sums) {
    for (const site of sum.group.others) putSite(sum, site, dayOf)
    const own = byStart.get(sum.startMs) ?? []
    byStart.set(sum.startMs, own)
    own.push(sum)
  }
  for (const own of byStart.values()) fillInstant(own, dayOf)
}

function fillInstant(sums: readonly IntervalSum[], dayOf: DayLookup): void {
  const { startMs } = sums[0]!
  const byRoster = new Map<SummedRoster, IntervalSum[]>()
  for (const sum of sums) {
    for (const { roster, sites } of sum.group.rosters) {
      if (!isOfStep(sum.group, roster, startMs)) {
        for (const site of sites) putSite(sum, site, dayOf)
        continue
      }
      const own = byRoster.get(roster) ?? []
      byRoster.set(roster, own)
      own.push(sum)
    }
  }
  for (const [roster, own] of byRoster) fillRoster(own, roster, dayOf)
}

/** The sites of a roster whose only meter has the intervals of the sums. */
function fillRoster(sums: readonly IntervalSum[], roster: SummedRoster, dayOf: DayLookup): void {
  const { startMs } = sums[0]!
  const day = dayOf(roster, startMs)
  const slot = day ? slotOf(day, startMs) : -1
  if (!day || slot < 0) return
  const blocks = day.blocks[Math.floor(slot / day.runSlots)] ?? []
  const lanes = blocks.reduce((all, block) => all + block.lanes.days.length, 0)
  const alone = sums.map(({ group }) => group.rosters.find((own) => own.roster === roster)!.sites)
  const sites = alone.reduce((all, own) => all + own.length, 0)
  if (sites < shareMin * lanes) {
    for (const [at, sum] of sums.entries()) {
      for (const site of alone[at]!) putSite(sum, site, dayOf)
    }
    return
  }
  const byIndex = new Map(sums.map((sum) => [sum.group.index, sum]))
  for (const block of blocks) fillBlock(byIndex, { block, roster, slot })
}

type SlotOfBlock = {
  readonly block: RunBlock
  readonly roster: SummedRoster
  readonly slot: number
}

function fillBlock(
  byIndex: ReadonlyMap<number, IntervalSum>,
  { block, roster, slot }: SlotOfBlock,
): void {
  const { layers } = placesOfBlock(block, roster)
  const place = { slot, fromLane: 0, toLane: block.lanes.days.length, fromSlots: null }
  for (const layer of layers)
    putLanes({ block, layer, sumOf: (group) => byIndex.get(group) ?? null }, place)
}
