import type { Database, RangeOptions } from 'lmdb'
import type { LogMember } from '../../../../schemas/ports/log.ts'
import type { Place } from './appendGroup.ts'
import { assignPartitions, type Owned } from './assignPartitions.ts'
import { isGone, type MemberProcess } from './memberProcess.ts'

/** A member's lease runs from when it was heard, by the machine's clock since its start, ms. */
type StoredMember = {
  readonly name: string
  readonly joined: number
  readonly heardMs: number
  readonly leaseMs: number
  readonly process: MemberProcess | null
}
type StoredOwner = { readonly member: string; readonly epoch: number }
type LeaseKey =
  | [group: string, kind: 'member', member: string]
  | [group: string, kind: 'owner', topic: string, partition: number]

/** The members of groups and the owners of partitions; each function runs in a transaction. */
export type Leases = {
  readonly stored: Database<StoredMember | StoredOwner, LeaseKey>
  readonly partitions: Readonly<Record<string, number>>
  readonly nowMs: () => number
}

export type Member = {
  readonly group: string
  readonly name: string
  readonly member: string
  readonly topics: readonly string[]
  readonly leaseMs: number
  readonly process: MemberProcess | null
}

/** Hears a member, takes out who is silent, and shares what is free; returns what it owns. */
export function hear(leases: Leases, self: Member, heardMs: number): Heard {
  const { group, member, name, leaseMs, process } = self
  const live = readLive(leases, group)
  const known = live.get(member)
  const joined = known?.joined ?? 1 + Math.max(0, ...[...live.values()].map((each) => each.joined))
  const heard = { name, joined, heardMs, leaseMs, process }
  leases.stored.put([group, 'member', member], heard)
  live.set(member, heard)
  const hasChanged = share(leases, self, live) || known === undefined
  const own = readOwners(leases, self).filter((each) => each.member === member)
  return {
    own: own.map(({ topic, partition, epoch }) => ({ topic, partition, epoch })),
    hasChanged,
  }
}

export type Heard = { readonly own: LogMember['assigned']; readonly hasChanged: boolean }

/** What it had goes to the others. */
export function takeOut(leases: Leases, self: Member): void {
  leases.stored.remove([self.group, 'member', self.member])
  const live = readLive(leases, self.group)
  live.delete(self.member)
  if (live.size > 0) share(leases, self, live)
}

export function ownerOf(
  { stored }: Leases,
  group: string,
  { topic, partition }: Place,
): StoredOwner {
  const owner = stored.get([group, 'owner', topic, partition]) as StoredOwner | undefined
  return owner ?? { member: '', epoch: 0 }
}

export function listMembers(leases: Leases, group: string): LogMember[] {
  const topics = Object.keys(leases.partitions)
  const owned = readOwners(leases, { group, topics })
  const live = readLive(leases, group)
  return inOrder(live).map((member) => {
    const own = owned.filter((each) => each.member === member)
    const assigned = own.map(({ member: _, ...each }) => each)
    return { member, name: live.get(member)!.name, assigned }
  })
}

type LiveMembers = Map<string, StoredMember>

/**
 * Left out are the silent ones, who was heard before the machine started again, and whose process
 * has ended: what a killed process had need not wait for its lease.
 */
function readLive({ stored, nowMs }: Leases, group: string): LiveMembers {
  const now = nowMs()
  const all = [...stored.getRange(membersOf(group))].map(
    ({ key, value }) => [key[2], value as StoredMember] as const,
  )
  const isLive = ({ heardMs, leaseMs, process }: StoredMember) =>
    heardMs <= now && now < heardMs + leaseMs && !isGone(process)
  return new Map(all.filter(([, member]) => isLive(member)))
}

/** Without a snapshot: within a transaction it reads what that wrote. */
function membersOf(group: string): RangeOptions {
  return { start: [group, 'member', ''], end: [group, 'member', '\uffff'], snapshot: false }
}

function inOrder(live: LiveMembers): string[] {
  const byJoining = [...live].sort(([a, left], [b, right]) => {
    return left.joined - right.joined || (a < b ? -1 : 1)
  })
  return byJoining.map(([member]) => member)
}

/** Stores the owners that are others now, and takes silent members out; whether there were any. */
function share(leases: Leases, { group, member, topics }: Member, live: LiveMembers): boolean {
  const { stored } = leases
  const silent = [...stored.getKeys(membersOf(group))].filter((key) => !live.has(key[2]))
  for (const key of silent) stored.remove(key)
  const before = readOwners(leases, { group, topics })
  const after = assignPartitions(before, inOrder(live), member)
  const changed = after.filter((each, index) => each !== before[index])
  for (const { topic, partition, member: owner, epoch } of changed) {
    stored.put([group, 'owner', topic, partition], { member: owner, epoch })
  }
  return silent.length > 0 || changed.length > 0
}

function readOwners(leases: Leases, { group, topics }: Pick<Member, 'group' | 'topics'>): Owned[] {
  return topics.flatMap((topic) =>
    Array.from({ length: leases.partitions[topic] ?? 0 }, (_, partition) => {
      return { topic, partition, ...ownerOf(leases, group, { topic, partition }) }
    }),
  )
}
