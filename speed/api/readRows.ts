import type { MeterId } from '../../schemas/ids.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import {
  type ParseBodyOptions,
  type ParsedBody,
  parseBody,
  toRejection,
} from '../ingest/body/parseBody.ts'
import { judgeMeter } from '../ingest/judgeMeter.ts'
import type { MeterRegistry } from './registry.ts'

export type RowsRead = Pick<ParsedBody, 'rejections' | 'gaps' | 'evidence'> & {
  readonly readings: readonly Reading[]
}

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
  registry: MeterRegistry,
): Promise<RowsRead> {
  const enrolled = { zoneOf: (meter: string) => registry.get(meter as MeterId)?.zone }
  const parse = () => parseBody(body, { ...options, enrolled })
  const first = parse()
  const isByMeters = first.zone !== null && first.zone.by !== 'said'
  if (!isByMeters && first.rows.every(({ reading }) => !refusalOf(reading, registry))) {
    return partKnown(first, options, registry)
  }
  await registry.refresh()
  return partKnown(isByMeters ? parse() : first, options, registry)
}

function refusalOf(reading: Reading, registry: MeterRegistry) {
  return judgeMeter(reading, registry.get(reading.meter))
}

function partKnown(
  { rows, gaps, evidence, ...parsed }: ParsedBody,
  from: Parameters<typeof toRejection>[2],
  registry: MeterRegistry,
): RowsRead {
  const readings: Reading[] = []
  const rejections = [...parsed.rejections]
  for (const { reading, row } of rows) {
    const refusal = refusalOf(reading, registry)
    if (refusal) rejections.push(toRejection(row, refusal, from))
    else readings.push(reading)
  }
  rejections.sort((left, right) => left.index - right.index)
  return { readings, rejections, gaps, evidence }
}
