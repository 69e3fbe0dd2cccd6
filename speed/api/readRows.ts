import type { MeterId } from '../../schemas/ids.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import {
  type ParseBodyOptions,
  type ParsedBody,
  parseBody,
  toRejection,
} from '../ingest/body/parseBody.ts'
import { judgeMeter } from '../ingest/judgeMeter.ts'
import type { Refusal } from '../ingest/refusal.ts'
import type { MeterRegistry } from './registry.ts'
import { openFormJudge, type SourceForms } from './sourceForms.ts'

export type RowsRead = Pick<ParsedBody, 'rejections' | 'gapsByKind' | 'evidence'> & {
  readonly readings: readonly Reading[]
  /** Of sources that nothing was taken of before (`SourceForms.take`). */
  readonly fresh: ReadonlyMap<string, boolean>
}

export type Enrolled = { readonly registry: MeterRegistry; readonly forms: SourceForms }

/**
 * Readings of a body that their meters can have, and rejections.
 *
 * What is enrolled may have changed elsewhere. It is read again where a meter cannot have one,
 * and before stamps without an offset are placed by it: never in between, so that no reading is
 * placed without the enrolment that it is judged by.
 *
 * @throws InvalidArgumentError when the body as a whole cannot be read.
 */
export async function readRows(
  body: Uint8Array,
  options: Omit<ParseBodyOptions, 'enrolled'>,
  { registry, forms }: Enrolled,
): Promise<RowsRead> {
  const enrolled = { zoneOf: (meter: string) => registry.get(meter as MeterId)?.zone }
  const parse = () => parseBody(body, { ...options, enrolled })
  const first = parse()
  const isByMeters = first.zone !== null && first.zone.by !== 'said'
  const ofMeter = (reading: Reading) => judgeMeter(reading, registry.get(reading.meter))
  await forms.learn(first.rows.map(({ reading }) => reading.source))
  const { judge, fresh } = openFormJudge(forms)
  const judgeBoth = (reading: Reading) => ofMeter(reading) ?? judge(reading)
  if (!isByMeters && first.rows.every(({ reading }) => !ofMeter(reading))) {
    return { ...partGood(first, options, judgeBoth), fresh }
  }
  await registry.refresh()
  return { ...partGood(isByMeters ? parse() : first, options, judgeBoth), fresh }
}

function partGood(
  { rows, gapsByKind, evidence, ...parsed }: ParsedBody,
  from: Parameters<typeof toRejection>[2],
  judge: (reading: Reading) => Refusal | null,
): Omit<RowsRead, 'fresh'> {
  const readings: Reading[] = []
  const rejections = [...parsed.rejections]
  for (const { reading, row } of rows) {
    const refusal = judge(reading)
    if (refusal) rejections.push(toRejection(row, refusal, from))
    else readings.push(reading)
  }
  rejections.sort((left, right) => left.index - right.index)
  return { readings, rejections, gapsByKind, evidence }
}
