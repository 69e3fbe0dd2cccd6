import type { MeterTerm } from '../../schemas/deviation/groupPlan.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { OccupiedFrom } from '../archive/occupiedFrom.ts'
import type { Forecaster } from '../release/openForecaster.ts'
import type { GenerationInputs } from './generationInputs.ts'
import type { MemberForecast } from './groupForecasts.ts'
import type { MeterParts } from './groupRows.ts'
import type { Part } from './planParts.ts'

/** Some meters of a part; can be sent to another process, as can what comes of it. */
export type MetersTask = {
  readonly part: Part
  readonly run: bigint
  readonly inputs: GenerationInputs
  /** No reading from then on is used. */
  readonly highWaterMs: EpochMs
  /** By site, then by id; each has readings. */
  readonly meters: readonly Meter[]
  /** How each of them counts in its groups and among all meters ('' as the group). */
  readonly terms: ReadonlyMap<MeterId, readonly MeterTerm[]>
  /** Changes of occupant at the meters' sites. */
  readonly occupiedFrom: OccupiedFrom
  /** Stored versions of all of them within the part's range. */
  readonly versions: number
  /** Stored versions in the look-back before the part's range, of those that have any. */
  readonly older: ReadonlyMap<MeterId, number>
  /** Given for the last part, which also computes the days ahead. */
  readonly ahead: AheadSpan | null
  readonly rowsMax: number | undefined
}

export type MetersDone = {
  /** For each day with rows, the earliest day they depend on. */
  readonly since: ReadonlyMap<string, string>
  readonly deviations: number
  /** Meter days without a like day. */
  readonly daysWithoutBaseline: number
  /** Means of the meters in their order, for each group. */
  readonly parts: readonly MeterParts[]
  readonly ahead: AheadDone
}

export type MetersPorts = {
  readonly views: Views
  readonly forecasters: ReadonlyMap<number, Forecaster>
}

/** What the days ahead need of all meters, not only of those of the task. */
export type AheadSpan = {
  /** The earliest start of any interval that contains the high-water mark. */
  readonly openFromMs: EpochMs
  readonly forecastEndMs: EpochMs
}

export type AheadDone = {
  readonly baselines: number
  readonly forecasts: number
  /** Forecasts by seasonal naive. */
  readonly naiveForecasts: number
  /** Forecasts of the meters in their order, for each group. */
  readonly members: readonly MemberForecast[]
}
