import type { EpochMs } from '../../schemas/time.ts'
import type { Group } from '../deviation/group.ts'
import { emptySum, finishSum, putSite } from '../deviation/sumSpeedGroup.ts'
import { findDay } from '../microbatch/roster.ts'

/** A group's sum as it is by its definition: site by site, each by the objects of its meters. */
export function sumOfSites(group: Group, startMs: EpochMs): ReturnType<typeof finishSum> {
  const sum = emptySum(group, startMs)
  for (let site = 0; site < group.sites.length; site++) putSite(sum, site, findDay)
  return finishSum(sum)
}
