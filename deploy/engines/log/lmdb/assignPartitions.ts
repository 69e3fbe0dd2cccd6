import type { Place } from './appendGroup.ts'

/** A partition of a group with its owner; an empty name: nobody. */
export type Owned = Place & { readonly member: string; readonly epoch: number }

/**
 * One member's view of who reads what, after it was heard: what nobody live has goes to whoever has
 * the fewest, and what it has itself beyond its share it gives away. It takes nothing from others
 * that live: they do the same when they are heard, so that at last all have as many, give or take
 * one, and nothing moves that need not.
 *
 * @param live in a fixed order, with this member.
 */
export function assignPartitions(
  owned: readonly Owned[],
  live: readonly string[],
  self: string,
): Owned[] {
  const counts = new Map(live.map((member) => [member, 0]))
  for (const { member } of owned) {
    if (counts.has(member)) counts.set(member, counts.get(member)! + 1)
  }
  const fewest = () => live.reduce((a, b) => (counts.get(b)! < counts.get(a)! ? b : a))
  const give = (partition: Owned): Owned => {
    const member = fewest()
    counts.set(member, counts.get(member)! + 1)
    return { ...partition, member, epoch: partition.epoch + 1 }
  }
  const settled = owned.map((each) => (counts.has(each.member) ? each : give(each)))
  while (counts.get(self)! > counts.get(fewest())! + 1) {
    const index = mostOf(settled, self)
    counts.set(self, counts.get(self)! - 1)
    settled[index] = give(settled[index]!)
  }
  return settled
}

/** The last one of the topic of which a member has the most: who was alone keeps partition 0. */
function mostOf(owned: readonly Owned[], self: string): number {
  const own = [...owned.entries()].filter(([, { member }]) => member === self)
  const ofTopic = (topic: string) => own.filter(([, each]) => each.topic === topic).length
  return own.reduce((most, each) => {
    return ofTopic(each[1].topic) >= ofTopic(most[1].topic) ? each : most
  })[0]
}
