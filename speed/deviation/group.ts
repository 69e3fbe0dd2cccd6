import type { GroupPlan, GroupSite } from '../../schemas/deviation/groupPlan.ts'
import { always, type Span } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { type DatedSteps, stepAt } from '../../schemas/meter/step.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { Member } from './memberWords.ts'

/** `only`: its one meter, if that counts as it is at all times; of most sites it does. */
type Site = GroupSite<Member> & { readonly only: Member | null }

/** The one term of a site that counts in every interval. */
export function onlyTerm(terms: readonly Member[]): Member | null {
  const [term] = terms
  if (!term || terms.length > 1) return null
  const [span] = term.spans
  const isAlways = span?.fromMs === always.fromMs && span.untilMs === always.untilMs
  return isAlways ? term : null
}

export type Group = Omit<GroupPlan, 'sites'> & {
  /** Place among the groups of its state. */
  readonly index: number
  readonly sites: readonly Site[]
  /** By id, the place in `sites`. */
  readonly siteAt: ReadonlyMap<string, number>
  readonly rosters: readonly GroupRoster[]
  /** Places of the sites of several meters, or of one that is not always summed. */
  readonly others: readonly number[]
}

/** A roster of some members of a group. */
export type GroupRoster = {
  readonly roster: SummedRoster
  /** Places of the sites whose one meter is of it. */
  readonly sites: readonly number[]
}

export type SummedRoster = {
  readonly steps: DatedSteps
  readonly members: readonly { readonly places: readonly GroupPlace[] }[]
  /** From here on its days are held. */
  readonly heldFromMs: EpochMs
}

/** A meter's time in a group, with the place of its site there. */
export type GroupPlace = Span & { readonly group: Group; readonly site: number }

/** Looked up once, and not once a reading. */
export function placesOf(
  groups: ReadonlyMap<string, Group>,
  { site, groups: memberships }: Pick<Meter, 'site' | 'groups'>,
): GroupPlace[] {
  return memberships.flatMap(({ group: id, fromMs, untilMs }) => {
    const group = groups.get(id)
    return group ? [{ group, site: group.siteAt.get(site)!, fromMs, untilMs }] : []
  })
}

/** Whether a meter's interval that begins with the group's is as long. */
export function isOfStep(
  { grid }: Pick<Group, 'grid'>,
  { steps }: Pick<SummedRoster, 'steps'>,
  startMs: EpochMs,
): boolean {
  return stepAt(steps, startMs).intervalS === stepAt(grid.steps, startMs).intervalS
}

/** Whether no day is spilled that a sum from an instant on depends on: it would be a part of it. */
export function isGroupHeld({ rosters }: Group, startMs: EpochMs): boolean {
  return rosters.every(({ roster }) => startMs >= roster.heldFromMs)
}
