import type { Membership } from '../schemas/ports/log.ts'
import { readingsTopic } from '../schemas/topics.ts'

/**
 * What a state was made for: by partition of `readings.v1` that this process has, the epoch of its
 * assignment. With another epoch somebody else may have had it in between.
 */
export type Share = ReadonlyMap<number, number>

/** `membership`: without it this process reads alone. */
export type Sharing = { readonly membership?: Membership; readonly partitions: number }

/** What is assigned to this process now. */
export function shareNow({ membership, partitions }: Sharing): Share {
  if (!membership) return new Map(Array.from({ length: partitions }, (_, each) => [each, 0]))
  const own = membership.assigned().filter(({ topic }) => topic === readingsTopic)
  return new Map(own.map(({ partition, epoch }) => [partition, epoch]))
}

/** Whether a state was made for what is assigned now, or for more. */
export function coversNow(sharing: Sharing, { share }: { readonly share: Share }): boolean {
  return [...shareNow(sharing)].every(([partition, epoch]) => share.get(partition) === epoch)
}

/** What a state publishes: the partitions it was made for that were not lost. `[partition]` */
export function ownedNow(sharing: Sharing, { share }: { readonly share: Share }): boolean[] {
  const now = shareNow(sharing)
  return Array.from({ length: sharing.partitions }, (_, partition) => {
    const epoch = now.get(partition)
    return epoch !== undefined && epoch === share.get(partition)
  })
}

/** The same of what is assigned or not: all that a state was made for. */
export function sharedBy({ partitions }: Sharing, { share }: { readonly share: Share }): boolean[] {
  return Array.from({ length: partitions }, (_, partition) => share.has(partition))
}

/**
 * Who has the first partition adds the groups up, for all processes: a site's meters are of any
 * partition, so that whoever adds them reads all. The others read what they publish.
 */
export function readOf(owned: readonly boolean[]): boolean[] {
  return owned.map((isOwned) => isOwned || owned[0] === true)
}
