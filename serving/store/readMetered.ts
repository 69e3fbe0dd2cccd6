import type { MeterReadings } from '../../schemas/baseline/computeBaseline.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { stepAt } from '../../schemas/meter/step.ts'
import { readEnrolled } from '../../schemas/ports/enrolled.ts'
import { readPublished } from '../../schemas/ports/readPublished.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { LogPlaces } from '../../schemas/settlement.ts'
import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import type { EpochMs, TimeRange } from '../../schemas/time.ts'
import type { EnergyMwh } from '../../schemas/units.ts'
import { collectMetered } from '../settlement/collectMetered.ts'
import type { Metered } from '../settlement/eventBaselines.ts'
import { planReads, type ReadPiece } from './planReads.ts'

/** Selects readings of some meters; intervals of another length are skipped. */
export type ReadingsOf = {
  readonly range: TimeRange
  readonly meters: readonly MeterId[]
  readonly intervalS: number
}

type StoredRow = Pick<
  RowOf<'counting_readings'>,
  'meter' | 'start_ms' | 'duration_s' | 'energy_mwh'
>
type Piece<Row> = { readonly meters: readonly MeterId[]; readonly rows: readonly Row[] }

/** The versions that count as of places of the log, from the master data set. */
export function readCounting(views: Views, of: ReadingsOf, asOf: LogPlaces): Promise<Metered> {
  return collect(
    of,
    readPieces(views, of, ({ meters, range }) => {
      return views.query('counting_readings', { ...boundsOf(range), meters, as_of: asOf })
    }),
  )
}

/** What the merged view shows now. */
export function readShown(views: Views, of: ReadingsOf): Promise<Metered> {
  return collect(of, readMerged(views, of))
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
  const enrolled = new Map((await readEnrolled(views)).map((each) => [each.meter, each]))
  const stepSOf = (meter: MeterId) => shortestStepS(enrolled.get(meter), range) ?? intervalS
  for (const piece of planReads({ meters, range, stepSOf })) {
    yield { meters: piece.meters, rows: await read(piece) }
  }
}

async function collect(
  { intervalS }: ReadingsOf,
  pieces: AsyncIterable<Piece<StoredRow>>,
): Promise<Metered> {
  const metered = new Map<MeterId, Map<EpochMs, EnergyMwh>>()
  for await (const { meters, rows: stored } of pieces) {
    const rows = stored.map((row) => ({
      ...{ meter: row.meter, startMs: row.start_ms, durationS: row.duration_s },
      energyMwh: row.energy_mwh,
    }))
    for (const own of collectMetered({ meters, intervalS, rows })) addTo(metered, ...own)
  }
  return metered
}

function addTo(
  metered: Map<MeterId, Map<EpochMs, EnergyMwh>>,
  meter: MeterId,
  energies: MeterReadings,
): void {
  const known = metered.get(meter)
  if (!known) metered.set(meter, new Map(energies))
  else for (const [startMs, energy] of energies) known.set(startMs, energy)
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
