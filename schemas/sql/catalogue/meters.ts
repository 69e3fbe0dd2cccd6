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
    parameters: { site: 'String' },
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
    parameters: { site: 'String' },
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
  const dated = steps ?? firstStep(interval_s)
  const { intervalS } = newestStep(dated)
  const place = { site: site ?? row.meter, kind: kind ?? defaultKind }
  return { ...row, ...place, groups: readMemberships(groups), intervalS, steps: dated }
}
