import { firstFrom } from '../../schemas/meter/byId.ts'
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

/**
 * A page of the meters that are asked for, by id.
 *
 * @param known by id: of very many only those up to the end of the page are looked at.
 */
export function describeMeters(known: readonly Meter[], asked: MetersAsked): Meters {
  const chosen = choose(known, asked)
  const page = chosen.slice(0, asked.limit)
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
    next: chosen.length > asked.limit ? page.at(-1)!.meter : null,
  }
}

/** One more than the page has, where there is one. */
function choose(known: readonly Meter[], asked: MetersAsked): Meter[] {
  const { meter, site, kind, group, after = '', limit } = asked
  const chosen: Meter[] = []
  for (let at = firstFrom(known, meter ?? after); at < known.length; at++) {
    const each = known[at]!
    if (chosen.length > limit || (meter !== undefined && each.meter !== meter)) break
    if (each.meter <= after) continue
    if (site !== undefined && each.site !== site) continue
    if (kind !== undefined && each.kind !== kind) continue
    if (group === undefined || each.groups.some((one) => one.group === group)) chosen.push(each)
  }
  return chosen
}

function finiteIso(ms: EpochMs): string | null {
  return Number.isFinite(ms) ? isoUtc(ms) : null
}
