import { planGroups } from '../../schemas/deviation/groupPlan.ts'
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

/**
 * Groups by id, with the interval of their sums and as many members as they have sites; the first
 * of their meters only for who has the token.
 */
export function describeGroups({ meters, atMs, isTrusted }: DescribeGroupsParameters): Groups {
  const byMeter = new Map(meters.map((each) => [each.meter, each]))
  const described = [...planGroups(meters).values()].map(({ group, grid, sites }) => {
    const known = sites.flatMap(({ terms }) => terms.map(({ meter }) => byMeter.get(meter)!))
    const members = known.filter(({ groups }) => {
      return groups.some((each) => each.group === group && isWithin(each, atMs))
    })
    return {
      group,
      zone: [...new Set(members.map(({ zone }) => zone))].sort().join(','),
      intervalS: newestStep(grid.steps).intervalS,
      members: new Set(members.map(({ site }) => site)).size,
      accounts: members.filter(({ account }) => account !== null).length,
      ...(isTrusted ? { meters: firstOf(members) } : {}),
    }
  })
  return { groups: described.sort((left, right) => (left.group < right.group ? -1 : 1)) }
}

function firstOf(members: readonly Meter[]): Meter['meter'][] {
  return members
    .map(({ meter }) => meter)
    .sort()
    .slice(0, metersMax)
}

/** The next instant after one at which a group has other meters; Infinity: never. */
export function nextMoveMs(meters: readonly Meter[], atMs: EpochMs): EpochMs {
  let nextMs = Number.POSITIVE_INFINITY
  for (const { groups } of meters) {
    for (const { fromMs, untilMs } of groups) {
      if (fromMs > atMs) nextMs = Math.min(nextMs, fromMs)
      if (untilMs > atMs) nextMs = Math.min(nextMs, untilMs)
    }
  }
  return nextMs
}
