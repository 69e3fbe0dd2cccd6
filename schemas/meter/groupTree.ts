import { GroupParentError, GroupTwiceError } from '../errors/meter.ts'
import type { EpochMs } from '../time.ts'
import type { GroupId } from './group.ts'
import { kindOfGroup, parentKinds } from './groupKind.ts'
import { always, type Membership } from './membership.ts'

/** The group that a group is part of from an instant on, until its next one; null: of none. */
export type GroupParent = {
  readonly group: GroupId
  readonly parent: GroupId | null
  readonly fromMs: EpochMs
}

/** @throws GroupParentError unless the kind of the one is part of the kind of the other. */
export function checkParent({ group, parent }: Pick<GroupParent, 'group' | 'parent'>): void {
  const kind = parentKinds[kindOfGroup(group)]
  if (kind === undefined || (parent !== null && kindOfGroup(parent) !== kind)) {
    throw new GroupParentError({ group, parent: parent ?? 'none' })
  }
}

/**
 * A meter's memberships with those it has through its groups: the meters of a feeder are its
 * substation's while the feeder is.
 *
 * @throws GroupTwiceError where it would be in two groups of one kind at a time.
 */
export function inheritGroups(
  memberships: readonly Membership[],
  parents: readonly GroupParent[],
): Membership[] {
  const direct = memberships.filter(({ isInherited }) => !isInherited)
  const inherited = direct.flatMap((each) => {
    return spansOf(parents, each.group).flatMap(({ parent, fromMs, untilMs }) => {
      const from = Math.max(each.fromMs, fromMs)
      const until = Math.min(each.untilMs, untilMs)
      if (parent === null || from >= until) return []
      return [{ group: parent, fromMs: from, untilMs: until, isInherited: true }]
    })
  })
  for (const own of direct) {
    const other = inherited.find(({ group, fromMs, untilMs }) => {
      const isOfKind = kindOfGroup(group) === kindOfGroup(own.group)
      return isOfKind && Math.max(fromMs, own.fromMs) < Math.min(untilMs, own.untilMs)
    })
    if (other) throw new GroupTwiceError({ group: own.group, inherited: other.group })
  }
  return [...direct, ...inherited].sort(compare)
}

function spansOf(parents: readonly GroupParent[], group: GroupId) {
  const own = parents.filter((each) => each.group === group)
  own.sort((left, right) => left.fromMs - right.fromMs)
  return own.map((each, index) => {
    return { ...each, untilMs: own[index + 1]?.fromMs ?? always.untilMs }
  })
}

function compare(left: Membership, right: Membership): number {
  if (left.group !== right.group) return left.group < right.group ? -1 : 1
  return left.fromMs < right.fromMs ? -1 : 1
}
