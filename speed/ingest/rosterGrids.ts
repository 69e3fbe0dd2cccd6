import type { MeterId } from '../../schemas/ids.ts'
import type { Grid } from '../../schemas/meter/grid.ts'
import { mayBeNegative } from '../../schemas/meter/kind.ts'
import type { Meter } from '../../schemas/meter/meter.ts'

/** The meters that are enrolled, as far as rows are judged by them. */
export type EnrolledMeters = {
  get(meter: MeterId): Pick<Meter, 'kind' | 'zone' | 'steps'> | undefined
  /** Rises whenever one is enrolled or changed. */
  changes(): number
}

/** What the rows of a roster's meters are judged by. */
export type RosterGrids = {
  /** Those that differ: a roster has few. */
  readonly grids: readonly Grid[]
  /** Place in `grids`, `noGrid` of a meter that is not enrolled. `[index in the roster]` */
  readonly gridAt: Uint32Array
  /** 1: its readings may be negative. `[index in the roster]` */
  readonly canBeNegative: Uint8Array
}

export const noGrid = 0xffff_ffff

/**
 * Looks up the meters of rosters, each once until an enrolment changes: gateways send their own
 * roster again and again, and equal ones are one object.
 */
export function openRosterGrids(enrolled: EnrolledMeters) {
  const known = new WeakMap<readonly MeterId[], { changes: number; own: RosterGrids }>()
  return (roster: readonly MeterId[]): RosterGrids => {
    const changes = enrolled.changes()
    const before = known.get(roster)
    if (before?.changes === changes) return before.own
    const own = lookUp(roster, enrolled)
    known.set(roster, { changes, own })
    return own
  }
}

function lookUp(roster: readonly MeterId[], enrolled: EnrolledMeters): RosterGrids {
  const grids: Grid[] = []
  const places = new Map<string, number>()
  const gridAt = new Uint32Array(roster.length).fill(noGrid)
  const canBeNegative = new Uint8Array(roster.length)
  for (const [index, name] of roster.entries()) {
    const meter = enrolled.get(name)
    if (!meter) continue
    const text = textOf(meter)
    const place = places.get(text) ?? grids.push(meter) - 1
    places.set(text, place)
    gridAt[index] = place
    canBeNegative[index] = mayBeNegative(meter.kind) ? 1 : 0
  }
  return { grids, gridAt, canBeNegative }
}

/** The same of equal grids. */
function textOf({ zone, steps }: Grid): string {
  const each = steps.map(({ fromMs, intervalS, gridOffsetS }) => {
    return `${fromMs} ${intervalS} ${gridOffsetS}`
  })
  return [zone, ...each].join('\n')
}
