import { randomUUID } from 'node:crypto'
import { PartitionLostError } from '../../../../schemas/errors/log.ts'
import { RetryableError } from '../../../../schemas/errors/wattproofError.ts'
import type { LogPosition } from '../../../../schemas/logRecord.ts'
import type { Assignment, JoinOptions, Membership } from '../../../../schemas/ports/log.ts'
import type { Notices } from '../../../../schemas/ports/notices.ts'
import { createOwnNotices } from '../../notices/ownNotices.ts'
import { waitUntil } from '../../notices/waitUntil.ts'
import { hear, type Leases, type Member, ownerOf, takeOut } from './groupLeases.ts'
import type { WriteOptions } from './logStore.ts'
import { thisProcess } from './memberProcess.ts'

export type GroupStore = Leases & {
  /** Announces that owners are others now. */
  readonly shared: Notices
  /** In a transaction. */
  write<T>(inside: () => T, how: WriteOptions): Promise<T>
  putCommit(group: string, position: LogPosition): void
}

/** A member is heard so often in its lease. */
const hearingsPerLease = 3
const retryMs = 250

/** What this process knows of its own membership. */
type Joined = {
  readonly store: GroupStore
  readonly self: Member
  readonly changed: Notices
  readonly ended: AbortController
  held: readonly Assignment[]
  heardMs: number
}

/**
 * Leases in the store: a member is heard every third of its lease, and when others announce a
 * change. Its lease counts from before it was stored, by a clock that all processes of the machine
 * share and nobody sets, so that it knows by itself when others may have what it had.
 */
export async function joinGroup(
  store: GroupStore,
  group: string,
  { topics, leaseMs, name }: JoinOptions,
): Promise<Membership> {
  const member = `${name}-${randomUUID().slice(0, 8)}`
  const joined: Joined = {
    ...{
      store,
      self: { group, member, name, topics, leaseMs, process: thisProcess() },
      changed: createOwnNotices(),
    },
    ...{ ended: new AbortController(), held: [], heardMs: Number.NEGATIVE_INFINITY },
  }
  const { seen } = store.shared
  await beHeard(joined)
  const hearing = keepHeard(joined, seen)
  return {
    member,
    get changes() {
      return changesOf(joined)
    },
    assigned: () => assigned(joined),
    commit: (position, epoch) => commit(joined, position, epoch),
    waitForChange: (known, options) =>
      waitUntil(() => changesOf(joined) !== known, joined.changed, options),
    async leave() {
      if (joined.ended.signal.aborted) return
      joined.ended.abort()
      joined.held = []
      joined.changed.announce()
      await hearing
      await store.write(() => takeOut(store, joined.self), { isLast: true })
      store.shared.announce()
    },
  }
}

function isHeard({ heardMs, self, store }: Joined): boolean {
  return store.nowMs() < heardMs + self.leaseMs
}

function assigned(joined: Joined): readonly Assignment[] {
  return isHeard(joined) ? joined.held : []
}

/** That the lease is over is a change too. */
function changesOf(joined: Joined): number {
  return joined.changed.seen * 2 + (isHeard(joined) ? 0 : 1)
}

/** @param seen of `shared`, before it was heard first. */
async function keepHeard(joined: Joined, seen: number): Promise<void> {
  const { store, self, ended } = joined
  const { signal } = ended
  let known = seen
  let dueMs = store.nowMs() + self.leaseMs / hearingsPerLease
  for (;;) {
    await store.shared.wait(known, { msMax: Math.max(0, dueMs - store.nowMs()), signal })
    if (signal.aborted) return
    // Where nothing can be watched a wait ends soon, and each hearing is a write.
    if (store.shared.seen === known && store.nowMs() < dueMs) continue
    known = store.shared.seen
    dueMs = store.nowMs() + self.leaseMs / hearingsPerLease
    try {
      await beHeard(joined)
    } catch (error) {
      // Then the lease ends by itself, as for a member that died.
      if (!(error instanceof RetryableError)) throw error
      dueMs = Math.min(dueMs, store.nowMs() + retryMs)
    }
  }
}

async function beHeard(joined: Joined): Promise<void> {
  const { store, self, changed } = joined
  const wasHeard = isHeard(joined)
  let heardMs = 0
  const { own, hasChanged } = await store.write(
    () => {
      heardMs = store.nowMs()
      return hear(store, self, heardMs)
    },
    { isDurable: false },
  )
  const isSame = JSON.stringify(own) === JSON.stringify(joined.held)
  Object.assign(joined, { heardMs, held: own })
  if (!isSame || !wasHeard) changed.announce()
  if (hasChanged) store.shared.announce()
}

async function commit(joined: Joined, position: LogPosition, epoch: number): Promise<void> {
  const { store, self } = joined
  const { topic, partition } = position
  await store.write(() => {
    const owner = ownerOf(store, self.group, position)
    if (owner.member !== self.member || owner.epoch !== epoch) {
      throw new PartitionLostError({ group: self.group, topic, partition, epoch })
    }
    store.putCommit(self.group, position)
  }, {})
}
