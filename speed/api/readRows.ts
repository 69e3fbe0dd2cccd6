import type { MeterId } from '../../schemas/ids.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import type { RegisterRead } from '../../schemas/reading/register.ts'
import {
  type ParseBodyOptions,
  type ParsedBody,
  type ParsedRegister,
  parseBody,
  toRejection,
} from '../ingest/body/parseBody.ts'
import { judgeMeter } from '../ingest/judgeMeter.ts'
import type { GapKind } from '../ingest/profile/reading.ts'
import { type Refusal, refuse } from '../ingest/refusal.ts'
import type { MeterRegistry } from './registry.ts'
import { openFormJudge, type SourceForms } from './sourceForms.ts'
import type { RegisterWords } from './wordsOfRegisters.ts'

export type RowsRead = Pick<ParsedBody, 'rejections' | 'gapsByKind' | 'evidence'> & {
  readonly readings: readonly Reading[]
  /** Registers of enrolled meters. */
  readonly registers: readonly ParsedRegister[]
  /** The ingests that they came with. */
  readonly ingests: ReadonlySet<string>
  /** Forms of sources that are new here (`SourceForms.take`). */
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
  const ofMeter = (each: Reading | RegisterRead) => {
    const own = registry.get(each.meter)
    if ('atMs' in each) return own ? null : refuse('not-enrolled', each)
    return judgeMeter(each, own)
  }
  const sources = (parsed: ParsedBody) => {
    const ofRegisters = parsed.registers.map(({ register }) => register.source)
    return [...parsed.rows.map(({ reading }) => reading.source), ...ofRegisters]
  }
  await forms.learn(sources(first))
  const { judge, fresh } = openFormJudge(forms)
  const isWhole =
    first.rows.every(({ reading }) => !ofMeter(reading)) &&
    first.registers.every(({ register }) => !ofMeter(register))
  // Nothing was awaited since: what their meters say of them need not be asked again.
  if (!isByMeters && isWhole) return partGood(first, options, { judge, fresh })
  await registry.refresh()
  const judgeBoth = (each: Reading | RegisterRead) => ofMeter(each) ?? judge(each)
  return partGood(isByMeters ? parse() : first, options, { judge: judgeBoth, fresh })
}

type Judge = Pick<RowsRead, 'fresh'> & {
  readonly judge: (each: Reading | RegisterRead) => Refusal | null
}

/** Without spreads: reading what they make takes longer than the rest of a small body. */
function partGood(
  parsed: ParsedBody,
  from: Parameters<typeof toRejection>[2],
  { judge, fresh }: Judge,
): RowsRead {
  const { rows, gapsByKind, evidence } = parsed
  const readings: Reading[] = []
  const registers: ParsedRegister[] = []
  const rejections = [...parsed.rejections]
  for (const { reading, row } of rows) {
    const refusal = judge(reading)
    if (refusal) rejections.push(toRejection(row, refusal, from))
    else readings.push(reading)
  }
  for (const each of parsed.registers) {
    const refusal = judge(each.register)
    if (refusal) rejections.push(toRejection(each.row, refusal, from))
    else registers.push(each)
  }
  rejections.sort((left, right) => left.index - right.index)
  const said = [...readings, ...registers.map(({ register }) => register)]
  const ingests = new Set(said.map(({ ingest }) => ingest))
  return { readings, registers, ingests, rejections, gapsByKind, evidence, fresh }
}

/** With what registers say, once those beside them are known. */
export function withEntry(
  read: RowsRead,
  { words, found }: RegisterWords,
  from: Parameters<typeof toRejection>[2],
): RowsRead {
  const gapsByKind: Partial<Record<GapKind, number>> = { ...read.gapsByKind }
  const rejections = [...read.rejections]
  read.registers.forEach(({ row }, at) => {
    const { gap, refusal } = found[at]!
    if (gap) gapsByKind[gap] = (gapsByKind[gap] ?? 0) + 1
    if (refusal) rejections.push(toRejection(row, refusal, from))
  })
  rejections.sort((left, right) => left.index - right.index)
  return { ...read, readings: [...read.readings, ...words], rejections, gapsByKind }
}
