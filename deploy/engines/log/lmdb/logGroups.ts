import { NoGroupNameError } from '../../../../schemas/errors/log.ts'
import type { LogPosition } from '../../../../schemas/logRecord.ts'
import type { JoinOptions, LogMember, Membership } from '../../../../schemas/ports/log.ts'
import { putMark } from './appendGroup.ts'
import { checkOffset } from './checkOffset.ts'
import { listMembers } from './groupLeases.ts'
import { joinGroup } from './joinGroup.ts'
import {
  checkOpen,
  checkPlace,
  partitionsOf,
  type Store,
  type WriteOptions,
  writeDurably,
} from './logStore.ts'

export async function join(store: Store, group: string, options: JoinOptions): Promise<Membership> {
  if (group === '') throw new NoGroupNameError()
  for (const topic of options.topics) partitionsOf(store, topic)
  const groups = {
    ...{ ...store.leases, shared: store.shared },
    write: <T>(inside: () => T, how: WriteOptions) => writeDurably(store, inside, how),
    putCommit: (of: string, position: LogPosition) => {
      checkPlace(store, position)
      checkOffset(position.offset)
      putMark(store, { kind: 'commit', ...position, group: of, value: position.offset })
    },
  }
  const joined = await joinGroup(groups, group, options)
  store.joined.add(joined)
  return joined
}

export async function members(store: Store, group: string): Promise<readonly LogMember[]> {
  checkOpen(store)
  store.root.resetReadTxn()
  return listMembers(store.leases, group)
}

/** Milliseconds since the machine started: the same in all its processes, and set by nobody. */
export function sinceBootMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}
