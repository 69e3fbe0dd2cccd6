import type { Reading } from '../../schemas/reading/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { BodyFormat } from '../ingest/body/format.ts'
import { readOneRow } from '../ingest/body/readOneRow.ts'
import { type FramesByPartition, framesOf, framesOfColumns } from '../ingest/framesOf.ts'
import { type JudgeColumnsParameters, judgeColumns } from '../ingest/judgeColumns.ts'
import type { SaidBy } from '../ingest/judgeDraft.ts'
import { judgeMeter } from '../ingest/judgeMeter.ts'
import type { IngestLimits } from '../ingest/limits.ts'
import type { RowsRead } from './readRows.ts'
import type { MeterRegistry } from './registry.ts'
import type { Rosters } from './rosters.ts'
import { formOfColumns, type SourceForms } from './sourceForms.ts'

/** Readings as the log will have them, and what else their body came to. */
export type Taken = Pick<RowsRead, 'rejections' | 'gapsByKind' | 'evidence' | 'fresh'> & {
  readonly readings: FramesByPartition
  /** Those that have a name. */
  readonly ingests: readonly string[]
  /** Present for a body that was read row by row. */
  readonly rows: readonly Reading[]
}

export type Body = {
  readonly format: BodyFormat
  readonly bytes: Uint8Array
  readonly nowMs: EpochMs
  /** Where its dead letters say they came from, and what the request says of its readings. */
  readonly from: { readonly source: string; readonly by: SaidBy }
  readonly isRestateRefused: boolean
}

type Api = {
  readonly registry: MeterRegistry
  readonly rosters: Pick<Rosters, 'of'>
  readonly forms: SourceForms
  readonly limits: Pick<IngestLimits, 'rowsMax'>
  readonly partitions: number
  readonly gridsOf: JudgeColumnsParameters['gridsOf']
}

/** One reading of JSON that its meter can have; null: row by row. */
export function takeOne(api: Api, body: Body): Taken | null {
  const { format, bytes, nowMs, from, isRestateRefused } = body
  const isPlain = format.kind === 'json' && format.zone === undefined
  // The form of a source may have to be looked up.
  if (!isPlain || isRestateRefused || from.by.source !== '') return null
  const reading = readOneRow(bytes, nowMs, from.by)
  if (!reading || judgeMeter(reading, api.registry.get(reading.meter))) return null
  const rows = [reading]
  const readings = framesOf(rows, api.partitions)
  const ingests = reading.ingest === '' ? [] : [reading.ingest]
  return { readings, ingests, fresh: noForms, rows, rejections: [], gapsByKind: {}, evidence: [] }
}

const noForms: Taken['fresh'] = new Map()

/** A frame of which every row is good, without an object a reading; null: row by row. */
export async function takeColumns(api: Api, body: Body): Promise<Taken | null> {
  const { format, bytes, nowMs, from, isRestateRefused } = body
  if (format.kind !== 'frame' || isRestateRefused) return null
  const rosterOf = api.rosters.of
  const columns = judgeColumns(bytes, { nowMs, by: from.by, gridsOf: api.gridsOf, rosterOf })
  if (!columns || columns.rows > api.limits.rowsMax) return null
  const { source } = columns
  const fresh = new Map<string, boolean>()
  if (source !== '') {
    await api.forms.learn([source])
    const form = formOfColumns(columns)
    const known = api.forms.of(source)
    if (form === null || (known ?? form) !== form) return null
    if (known === undefined) fresh.set(source, form)
  }
  const readings = framesOfColumns(columns, api.partitions)
  const ingests = columns.ingest === '' ? [] : [columns.ingest]
  return { readings, ingests, fresh, rows: [], rejections: [], gapsByKind: {}, evidence: [] }
}

/** The same of a body that was read row by row. */
export function takenOf(api: Api, read: RowsRead): Taken {
  const { readings: rows, ingests, rejections, gapsByKind, evidence, fresh } = read
  const readings = framesOf(rows, api.partitions)
  const named = [...ingests].filter((ingest) => ingest !== '')
  return { readings, ingests: named, fresh, rows, rejections, gapsByKind, evidence }
}
