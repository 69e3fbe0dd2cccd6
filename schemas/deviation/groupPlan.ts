import type { MeterId } from '../ids.ts'
import type { Grid } from '../meter/grid.ts'
import type { GroupId } from '../meter/group.ts'
import { groupGridOf } from '../meter/groupGrid.ts'
import { isBoundary, type MeterKind, type Sign, signOf } from '../meter/kind.ts'
import { always, edgesOf, isWithin, type Span } from '../meter/membership.ts'
import type { Meter } from '../meter/meter.ts'
import { type DatedSteps, firstStep } from '../meter/step.ts'
import type { EpochMs } from '../time.ts'

/** A meter as it counts in the sum of a group: with its sign, in some stretches of time. */
export type GroupTerm = {
  readonly meter: MeterId
  readonly steps: DatedSteps
  readonly sign: Sign
  /** In order, without overlaps; none where another meter of the site is always summed instead. */
  readonly spans: readonly Span[]
}

/** The meters of one site in a group, by id: together they are one member. */
export type GroupSite<Term extends GroupTerm = GroupTerm> = {
  readonly site: string
  readonly terms: readonly Term[]
}

export type GroupPlan = {
  readonly group: GroupId
  /** The longest intervals among its meters: shorter ones are averaged over them. */
  readonly grid: Grid
  /** By site id, so that the order of addition depends on nothing else. */
  readonly sites: readonly GroupSite[]
}

type PlannedMeter = Pick<Meter, 'meter' | 'site' | 'kind' | 'zone' | 'steps' | 'groups'>
type Candidate = Span & { readonly meter: PlannedMeter }

/** How each group is summed: which meters of each site, with which sign, and when. */
export function planGroups(meters: Iterable<PlannedMeter>): Map<GroupId, GroupPlan> {
  const byGroup = new Map<GroupId, Candidate[]>()
  for (const meter of meters) {
    for (const { group, fromMs, untilMs } of meter.groups) {
      const candidates = byGroup.get(group) ?? []
      byGroup.set(group, candidates)
      candidates.push({ meter, fromMs, untilMs })
    }
  }
  return new Map([...byGroup].map(([group, found]) => [group, planOf(group, found)]))
}

/** All meters as one group, summed like any other. */
export function planAll(group: GroupId, meters: Iterable<PlannedMeter>): GroupPlan {
  return planOf(
    group,
    Array.from(meters, (meter) => ({ meter, ...always })),
  )
}

function planOf(group: GroupId, candidates: readonly Candidate[]): GroupPlan {
  const bySite = new Map<string, Candidate[]>()
  for (const candidate of candidates) {
    const { site } = candidate.meter
    const ofSite = bySite.get(site)
    if (ofSite) ofSite.push(candidate)
    else bySite.set(site, [candidate])
  }
  const sites = [...bySite].map(([site, own]) => ({ site, terms: termsOf(own) }))
  sites.sort((left, right) => (left.site < right.site ? -1 : 1))
  // There is nothing to sum without any.
  const grid = candidates.length === 0 ? noGrid : groupGridOf(candidates)
  return { group, grid, sites }
}

const noGrid: Grid = { zone: 'UTC', steps: firstStep(1) }

function termsOf(candidates: readonly Candidate[]): GroupTerm[] {
  const [only] = candidates
  // Nearly every site; a meter that is alone counts whatever its kind is.
  if (candidates.length === 1 && only!.fromMs < only!.untilMs) return [loneTerm(only!)]
  const spans = new Map<PlannedMeter, Span[]>()
  const edges = edgesOf(candidates)
  edges.slice(0, -1).forEach((fromMs, index) => {
    const members = candidates.filter((each) => isWithin(each, fromMs)).map(({ meter }) => meter)
    const counted = countedKinds(new Set(members.map(({ kind }) => kind)))
    for (const meter of new Set(members)) {
      if (counted(meter.kind)) addSpan(spans, meter, { fromMs, untilMs: edges[index + 1]! })
    }
  })
  const meters = [...new Set(candidates.map(({ meter }) => meter))]
  meters.sort((left, right) => (left.meter < right.meter ? -1 : 1))
  return meters.map((each) => {
    const { meter, steps, kind } = each
    return { meter, steps, sign: signOf(kind), spans: spans.get(each) ?? [] }
  })
}

function loneTerm({ meter: { meter, steps, kind }, fromMs, untilMs }: Candidate): GroupTerm {
  return { meter, steps, sign: signOf(kind), spans: [{ fromMs, untilMs }] }
}

function addSpan(
  spans: Map<PlannedMeter, Span[]>,
  meter: PlannedMeter,
  { fromMs, untilMs }: Span,
): void {
  const own = spans.get(meter) ?? []
  spans.set(meter, own)
  const last = own.at(-1)
  if (last?.untilMs === fromMs) own[own.length - 1] = { ...last, untilMs }
  else own.push({ fromMs, untilMs })
}

/**
 * Which of a site's meters are summed. What is behind the connection is part of what its meter
 * says, so it counts only where no meter of the connection is in the group; an appliance is also
 * part of the load.
 */
function countedKinds(present: ReadonlySet<MeterKind>): (kind: MeterKind) => boolean {
  if (present.has('net')) return (kind) => kind === 'net'
  if ([...present].some(isBoundary)) return isBoundary
  if (present.has('load')) return (kind) => kind !== 'appliance'
  return () => true
}

/** The terms of a site that count in a group's interval, by its start. */
export function termsAt<Term extends GroupTerm>(
  { terms }: GroupSite<Term>,
  startMs: EpochMs,
): readonly Term[] {
  return terms.filter(({ spans }) => spans.some((span) => isWithin(span, startMs)))
}

/** A meter's term in one group, with what a sum over its part of the meters needs of the plan. */
export type MeterTerm = GroupTerm & Pick<GroupPlan, 'group' | 'grid'>

/** The terms of each meter, in the order of the plans. */
export function termsByMeter(plans: Iterable<GroupPlan>): Map<MeterId, MeterTerm[]> {
  const byMeter = new Map<MeterId, MeterTerm[]>()
  for (const { group, grid, sites } of plans) {
    for (const { terms } of sites) {
      for (const term of terms) {
        const own = byMeter.get(term.meter) ?? []
        byMeter.set(term.meter, own)
        own.push({ ...term, group, grid })
      }
    }
  }
  return byMeter
}
