import type { GroupParent } from '../../meter/groupTree.ts'
import { defaultKind, meterKinds } from '../../meter/kind.ts'
import { readMemberships } from '../../meter/membership.ts'
import type { Meter } from '../../meter/meter.ts'
import type { Occupancy } from '../../meter/occupancy.ts'
import { type Point, readTerms } from '../../meter/point.ts'
import { type DatedSteps, firstStep, newestStep } from '../../meter/step.ts'
import {
  address,
  datedSteps,
  emptyAsNull,
  instantMs,
  meter,
  nullable,
  oneOf,
  text,
  uint32,
  whole,
} from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'

const columns = {
  meter,
  site: nullable(text),
  kind: nullable(oneOf(meterKinds)),
  zone: text,
  groups: text,
  interval_s: uint32,
  account: emptyAsNull(address),
  steps: nullable(datedSteps),
}

const sitePage = { site: 'String', after: 'String', after_ms: 'Int64', limit: 'UInt32' } as const

export const meterQueries = {
  /**
   * Enrolled meters by id with the version of their record, of those from a version on. Between two
   * pieces others may enrol, so the largest version may be one that is not read whole
   * (`ports/enrolled.ts`).
   */
  enrolments: defineQuery({
    parameters: { version: 'UInt64', after: 'String', limit: 'UInt32' },
    columns: { ...columns, version: whole },
    record: ({ version, ...row }) => ({ meter: meterOf(row), version }),
  }),

  newest_meters: defineQuery({
    parameters: { version: 'UInt64' },
    columns: { version: whole, records: whole },
  }),

  meter_versions: defineQuery({
    parameters: { version: 'UInt64' },
    columns: { meter, version: whole },
  }),

  enrolments_shown: defineQuery({
    parameters: {},
    columns: { enrolled: whole, shown: whole },
  }),

  group_parents: defineQuery({
    parameters: {},
    columns: { group_id: text, start_ms: instantMs, parent: emptyAsNull(text) },
    record: ({ group_id, start_ms, parent }): GroupParent => {
      return { group: group_id, fromMs: start_ms, parent }
    },
  }),

  site_versions: defineQuery({ parameters: {}, columns: { version: whole } }),

  /** For one site, or for all ('') in the order of their ids; each site's in order of time. */
  points: defineQuery({
    parameters: sitePage,
    columns: { site: text, programme: text, start_ms: instantMs, terms: text },
    record: ({ start_ms, terms, ...row }): Point => {
      return { ...row, fromMs: start_ms, terms: readTerms(terms) }
    },
  }),

  /** By site, in order of time; with versions, of which a later change has a larger one. */
  occupancy_starts: defineQuery({
    parameters: {},
    columns: { site: text, start_ms: instantMs, version: whole },
  }),

  occupancies: defineQuery({
    parameters: sitePage,
    columns: { site: text, start_ms: instantMs, account: emptyAsNull(address) },
    record: ({ start_ms, ...row }): Occupancy => ({ ...row, fromMs: start_ms }),
  }),
}

type MeterRow = Omit<Meter, 'site' | 'kind' | 'groups' | 'intervalS' | 'steps'> & {
  readonly site: string | null
  readonly kind: Meter['kind'] | null
  readonly groups: string
  readonly interval_s: number
  readonly steps: DatedSteps | null
}

function meterOf({ site, kind, groups, interval_s, steps, ...row }: MeterRow): Meter {
  const dated = stepsOf(steps ?? firstStep(interval_s))
  const { intervalS } = newestStep(dated)
  const isOwnSite = site === null || site === row.meter
  const place = {
    site: isOwnSite ? row.meter : site,
    kind: kindOf(kind ?? defaultKind),
    zone: zoneOf(row.zone),
  }
  return { ...row, ...place, groups: membershipsOf(groups), intervalS, steps: dated }
}

/**
 * What many meters have alike is one object for all of them, which halves what a meter takes in
 * the memory of each process. When there are very many of a kind they are forgotten and begun anew.
 */
function sharedBy<Given, Value>(keyOf: (given: Given) => string, make: (given: Given) => Value) {
  const kept = new Map<string, Value>()
  return (given: Given): Value => {
    const key = keyOf(given)
    const known = kept.get(key)
    if (known !== undefined) return known
    if (kept.size >= sharedMax) kept.clear()
    const made = make(given)
    kept.set(key, made)
    return made
  }
}

const sharedMax = 100_000
const itself = <Value>(value: Value) => value
const membershipsOf = sharedBy((text: string) => text, readMemberships)
const stepsOf = sharedBy((steps: DatedSteps) => JSON.stringify(steps), itself)
const zoneOf = sharedBy((zone: string) => zone, itself)
const kindOf = sharedBy((kind: Meter['kind']) => kind, itself)
