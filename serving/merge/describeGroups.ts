import { type GridMember, groupGridOf } from '../../schemas/meter/groupGrid.ts'
import { isWithin } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { newestStep } from '../../schemas/meter/step.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { Groups } from '../shapes/views.ts'

export type DescribeGroupsParameters = {
  readonly meters: readonly Meter[]
  /** The instant whose members are shown. */
  readonly atMs: EpochMs
  readonly isTrusted: boolean
}

/** Meters of a group that are named; `GET /meters?group=` pages through all of them. */
const metersMax = 100
/** Meters that are named in one answer, but for one of each group. */
const namesMax = 10_000

/**
 * Groups by id, with the interval of their sums and as many members as they have sites; the first
 * of their meters only for who has the token.
 */
export function describeGroups({ meters, atMs, isTrusted }: DescribeGroupsParameters): Groups {
  const everIn = new Map<string, GridMember<Meter>[]>()
  for (const meter of meters) {
    for (const { group, fromMs, untilMs } of meter.groups) {
      const own = everIn.get(group)
      if (own) own.push({ meter, fromMs, untilMs })
      else everIn.set(group, [{ meter, fromMs, untilMs }])
    }
  }
  const described = [...everIn].map(([group, ever]) => {
    const members = membersAt(ever, atMs)
    return {
      group,
      zone: [...new Set(members.map(({ zone }) => zone))].sort().join(','),
      intervalS: newestStep(groupGridOf(ever).steps).intervalS,
      members: new Set(members.map(({ site }) => site)).size,
      accounts: members.filter(({ account }) => account !== null).length,
      ...(isTrusted ? { meters: firstOf(members) } : {}),
    }
  })
  return { groups: described.sort(byGroup) }
}

function membersAt(ever: readonly GridMember<Meter>[], atMs: EpochMs): Meter[] {
  return [...new Set(ever.filter((each) => isWithin(each, atMs)).map(({ meter }) => meter))]
}

function firstOf(members: readonly Meter[]): Meter['meter'][] {
  return members
    .map(({ meter }) => meter)
    .sort()
    .slice(0, metersMax)
}

/** Very many groups name fewer meters each, so that an answer stays one of some 100 kB. */
export function boundNames({ groups }: Groups): Groups {
  const most = Math.max(1, Math.floor(namesMax / Math.max(1, groups.length)))
  if (most >= metersMax) return { groups }
  return {
    groups: groups.map(({ meters, ...each }) => {
      return meters === undefined ? each : { ...each, meters: meters.slice(0, most) }
    }),
  }
}

/**
 * The groups as they are described now, where `known` described them before: only those of meters
 * that changed are described again. A million meters take a second, and one of them is enrolled at
 * any time.
 *
 * @param now described at one instant, at which no meter has moved since `known` was described.
 */
export function redescribeGroups(
  known: { readonly meters: readonly Meter[]; readonly groups: Groups },
  now: DescribeGroupsParameters,
): Groups {
  const changed = changedGroups(known.meters, now.meters)
  const meters = now.meters.filter((each) => each.groups.some(({ group }) => changed.has(group)))
  const { groups } = describeGroups({ ...now, meters })
  const described = [
    ...known.groups.groups.filter(({ group }) => !changed.has(group)),
    ...groups.filter(({ group }) => changed.has(group)),
  ]
  return { groups: described.sort(byGroup) }
}

/** Groups in which a meter is, or was, that is another one than before; both by id. */
function changedGroups(before: readonly Meter[], now: readonly Meter[]): Set<string> {
  const changed = new Set<string>()
  let [left, right] = [0, 0]
  while (left < before.length || right < now.length) {
    const [was, is] = [before[left], now[right]]
    const order = was && is ? compareText(was.meter, is.meter) : was ? -1 : 1
    if (order <= 0) left += 1
    if (order >= 0) right += 1
    if (was === is) continue
    for (const { group } of order <= 0 ? was!.groups : []) changed.add(group)
    for (const { group } of order >= 0 ? is!.groups : []) changed.add(group)
  }
  return changed
}

function byGroup(left: Groups['groups'][0], right: Groups['groups'][0]): number {
  return compareText(left.group, right.group)
}

function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** The next instant after one at which a group has other meters; Infinity: never. */
export function nextMoveMs(meters: readonly Meter[], atMs: EpochMs): EpochMs {
  let nextMs = Number.POSITIVE_INFINITY
  for (const groups of new Set(meters.map((each) => each.groups))) {
    for (const { fromMs, untilMs } of groups) {
      if (fromMs > atMs) nextMs = Math.min(nextMs, fromMs)
      if (untilMs > atMs) nextMs = Math.min(nextMs, untilMs)
    }
  }
  return nextMs
}
