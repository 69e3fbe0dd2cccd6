import type { GroupId } from '../../schemas/meter/group.ts'
import { kindOfGroup } from '../../schemas/meter/groupKind.ts'
import type { MeterKind } from '../../schemas/meter/kind.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import type { Meters } from '../shapes/sites.ts'

export type MetersAsked = {
  readonly meter?: string | undefined
  readonly site?: string | undefined
  readonly kind?: MeterKind | undefined
  /** Those that ever were in it. */
  readonly group?: GroupId | undefined
  /** The last one of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

/** A page of the meters that are asked for, by id. */
export function describeMeters(known: readonly Meter[], asked: MetersAsked): Meters {
  const { meter, site, kind, group, after = '', limit } = asked
  const chosen = known.filter((each) => {
    if (each.meter <= after || (meter !== undefined && each.meter !== meter)) return false
    if (site !== undefined && each.site !== site) return false
    if (kind !== undefined && each.kind !== kind) return false
    return group === undefined || each.groups.some((one) => one.group === group)
  })
  const page = chosen.sort((left, right) => (left.meter < right.meter ? -1 : 1)).slice(0, limit)
  return {
    meters: page.map(({ groups, steps, ...each }) => ({
      ...each,
      // The first has no beginning.
      steps: steps.map(({ fromMs, ...one }, index) => {
        return { ...one, from: index === 0 ? null : isoUtc(fromMs) }
      }),
      groups: groups.map(({ fromMs, untilMs, ...one }) => {
        const kind = kindOfGroup(one.group)
        return { ...one, kind, from: finiteIso(fromMs), until: finiteIso(untilMs) }
      }),
    })),
    next: chosen.length > limit ? page.at(-1)!.meter : null,
  }
}

function finiteIso(ms: EpochMs): string | null {
  return Number.isFinite(ms) ? isoUtc(ms) : null
}
