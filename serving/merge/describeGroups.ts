import { groupStepS } from '../../schemas/deviation/sumGroup.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Groups } from '../shapes/views.ts'

/** Groups by name, with the interval of their sums; their meters only for who has the token. */
export function describeGroups(meters: readonly Meter[], isTrusted: boolean): Groups {
  const byGroup = new Map<string, Meter[]>()
  for (const row of meters) {
    const members = byGroup.get(row.group)
    if (members) members.push(row)
    else byGroup.set(row.group, [row])
  }
  const described = [...byGroup.entries()].map(([group, members]) => ({
    group,
    zone: [...new Set(members.map(({ zone }) => zone))].sort().join(','),
    intervalS: groupStepS(members),
    members: members.length,
    accounts: members.filter(({ account }) => account !== null).length,
    ...(isTrusted ? { meters: members.map(({ meter }) => meter) } : {}),
  }))
  return { groups: described.sort((left, right) => (left.group < right.group ? -1 : 1)) }
}
