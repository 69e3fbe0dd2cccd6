import { type ChangedLanes, needsWholeDay } from '../deviation/computeBlock.ts'
import { type MeterDay, type Run, type RunBlock, unchanged } from '../deviation/speedDay.ts'
import type { Enrolled, Roster } from './roster.ts'

/** The rest of a meter's day, from the first changed slot on. */
export type Change = {
  readonly at: MeterDay
  readonly enrolled: Enrolled
  readonly fromSlot: number
}

/** The lanes of a block that changed, with their roster. */
export type ChangedBlock = ChangedLanes & { readonly roster: Roster }

/**
 * What a micro-batch changed, each cell once: lanes of blocks, and days of meters with changes that
 * concern more than one run.
 */
export type Changes = {
  readonly days: readonly Change[]
  readonly blocks: readonly ChangedBlock[]
}

/** Blocks with changes, while readings are placed. */
export type Noted = Map<RunBlock, Roster>

/** Notes that a run, and what depends on it, changes from a slot on. */
export function noteChange(noted: Noted, roster: Roster, { run, fromSlot }: NotedChange): void {
  const { changedFrom } = run.block.lanes
  const known = changedFrom[run.lane]!
  if (fromSlot < known) changedFrom[run.lane] = fromSlot
  if (known === unchanged && !noted.has(run.block)) noted.set(run.block, roster)
}

type NotedChange = { readonly run: Pick<Run, 'block' | 'lane'>; readonly fromSlot: number }

/** What was noted; nothing is noted any more. */
export function takeChanges(noted: Noted): Changes {
  const blocks = [...noted].map(([block, roster]): ChangedBlock => {
    const { changedFrom } = block.lanes
    const fromSlots = changedFrom.slice()
    changedFrom.fill(unchanged)
    return { block, roster, fromSlots }
  })
  const days = takeDays(blocks)
  return {
    days,
    blocks: blocks.filter(({ fromSlots }) => fromSlots.some((from) => from !== unchanged)),
  }
}

/** Days of more than one run: a change of one may concern the others. */
function takeDays(blocks: readonly ChangedBlock[]): Change[] {
  const parted = blocks.filter(({ block }) => block.day.runSlots < block.day.slots)
  if (parted.length === 0) return []
  const days = new Set<MeterDay>()
  for (const changed of parted) {
    eachLane(changed, (lane) => {
      if (needsWholeDay(changed, lane)) days.add(changed.block.lanes.days[lane]!)
    })
  }
  if (days.size === 0) return []
  const changes = new Map<MeterDay, Change>()
  for (const changed of parted) {
    eachLane(changed, (lane) => {
      const at = changed.block.lanes.days[lane]!
      if (!days.has(at)) return
      const known = changes.get(at)?.fromSlot ?? unchanged
      const fromSlot = Math.min(known, changed.fromSlots[lane]!)
      changes.set(at, { at, enrolled: changed.roster.members[at.meter]!, fromSlot })
      changed.fromSlots[lane] = unchanged
    })
  }
  return [...changes.values()]
}

/** The changed lanes of a block. */
function eachLane({ fromSlots }: ChangedLanes, take: (lane: number) => void): void {
  for (let lane = 0; lane < fromSlots.length; lane++) if (fromSlots[lane] !== unchanged) take(lane)
}
