import * as z from 'zod'
import { StoredRecordError } from '../../schemas/errors/views.ts'
import type { Hex32 } from '../../schemas/ids.ts'
import type { LogPlaces } from '../../schemas/settlement.ts'
import { toJson } from '../../schemas/units.ts'
import type { Baselines } from '../settlement/eventBaselines.ts'
import { baselineSchema, placesSchema } from '../settlement/published.ts'
import type { SpeedFigures } from '../settlement/speedFigures.ts'
import { hex32, meterName, parseJson, sentenceOfIssues } from '../settlement/wire.ts'

/** What is stored of an event between its steps and must not be computed twice. */
export type CommittedInputs = {
  readonly version: number
  /** Committed before the start; the event is settled against exactly these. */
  readonly baselines: Baselines
  readonly baselinesRoot: Hex32
  /** The places of the log that the baselines were computed at. */
  readonly asOf: LogPlaces
  /** Delivered as the speed layer showed it when the event ended, mWh; null until then. */
  readonly speedFigures: SpeedFigures | null
}

const committedInputsSchema = z.strictObject({
  baselines: z.array(z.tuple([meterName, baselineSchema])),
  baselinesRoot: hex32,
  asOf: placesSchema,
  speedFigures: z.array(z.tuple([meterName, z.int().nullable()])).nullable(),
})

export function encodeCommittedInputs(committedInputs: CommittedInputs): string {
  const { baselines, baselinesRoot, asOf, speedFigures } = committedInputs
  return toJson({
    baselines: [...baselines],
    baselinesRoot,
    asOf,
    speedFigures: speedFigures && [...speedFigures],
  })
}

/** @throws StoredRecordError naming the event and the first wrong field. */
export function decodeCommittedInputs(
  id: string,
  row: { readonly version: number; readonly body: string },
): CommittedInputs {
  const parsed = committedInputsSchema.safeParse(parseJson(row.body))
  if (!parsed.success) {
    const record = `committed inputs of event ${id}`
    throw new StoredRecordError({ record, issues: sentenceOfIssues(parsed.error) }, parsed.error)
  }
  const { baselines, baselinesRoot, asOf, speedFigures } = parsed.data
  return {
    version: row.version,
    baselines: new Map(baselines),
    baselinesRoot,
    asOf,
    speedFigures: speedFigures && new Map(speedFigures),
  }
}
