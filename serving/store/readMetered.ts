import type { MeterId } from '../../schemas/ids.ts'
import { findById } from '../../schemas/meter/byId.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { stepAt } from '../../schemas/meter/step.ts'
import { readEnrolled } from '../../schemas/ports/enrolled.ts'
import { readPublished } from '../../schemas/ports/readPublished.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { LogPlaces } from '../../schemas/settlement.ts'
import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import type { TimeRange } from '../../schemas/time.ts'
import type { Metered } from '../settlement/eventBaselines.ts'
import { collectPieces } from './collectPieces.ts'
import { planReads, type ReadPiece } from './planReads.ts'

/** Selects readings of some meters; intervals of another length are skipped. */
export type ReadingsOf = {
  readonly range: TimeRange
  readonly meters: readonly MeterId[]
  readonly intervalS: number
}

type Piece<Row> = ReadPiece & { readonly rows: readonly Row[] }

/** The versions that count as of places of the log, from the master data set. */
export function readCounting(views: Views, of: ReadingsOf, asOf: LogPlaces): Promise<Metered> {
  const pieces = readPieces(views, of, ({ meters, range }) => {
    return views.query('counting_readings', { ...boundsOf(range), meters, as_of: asOf })
  })
  return collectPieces(pieces, of.intervalS)
}

/** What the merged view shows now. */
export function readShown(views: Views, of: ReadingsOf): Promise<Metered> {
  return collectPieces(readMerged(views, of), of.intervalS)
}

/** Rows of the merged view, all of one generation: every meter's, and nobody else's. */
export async function* readMerged(
  views: Views,
  of: ReadingsOf,
): AsyncGenerator<Piece<RowOf<'merged_of_meters'>>> {
  const published = await readPublished(views)
  const pin = { run: published?.run ?? 0n, high_water_ms: published?.highWaterMs ?? 0 }
  yield* readPieces(views, of, ({ meters, range }) => {
    return views.query('merged_of_meters', { ...boundsOf(range), ...pin, meters })
  })
}

/** One after another, so that a caller may add each up before it has the next. */
async function* readPieces<Row>(
  views: Views,
  { range, meters, intervalS }: ReadingsOf,
  read: (piece: ReadPiece) => Promise<readonly Row[]>,
): AsyncGenerator<Piece<Row>> {
  const enrolled = await readEnrolled(views)
  const stepSOf = (meter: MeterId) => shortestStepS(findById(enrolled, meter), range) ?? intervalS
  for (const piece of planReads({ meters, range, stepSOf })) {
    yield { ...piece, rows: await read(piece) }
  }
}

function shortestStepS(meter: Meter | undefined, { startMs, endMs }: TimeRange): number | null {
  if (!meter) return null
  const later = meter.steps.filter(({ fromMs }) => fromMs > startMs && fromMs < endMs)
  const steps = [stepAt(meter.steps, startMs), ...later]
  return Math.min(...steps.map(({ intervalS }) => intervalS))
}

function boundsOf({ startMs, endMs }: TimeRange) {
  return { from_ms: startMs, to_ms: endMs }
}
