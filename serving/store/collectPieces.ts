import type { MeterReadings } from '../../schemas/baseline/computeBaseline.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { EnergyMwh } from '../../schemas/units.ts'
import { collectMetered, type MeteredRow } from '../settlement/collectMetered.ts'
import type { Metered } from '../settlement/eventBaselines.ts'
import type { ReadPiece } from './planReads.ts'

export type StoredRow = Pick<
  RowOf<'counting_readings'>,
  'meter' | 'start_ms' | 'duration_s' | 'energy_mwh'
>

/**
 * What `collectMetered` makes of all rows together, wherever the borders of the pieces are: an
 * interval whose parts are in two pieces, or in more, is added up with the last of them.
 *
 * Pieces of one meter are adjoining and follow one another (`planReads`). In memory are one piece
 * and an interval, of a day at most.
 */
export async function collectPieces(
  pieces: AsyncIterable<ReadPiece & { readonly rows: readonly StoredRow[] }>,
  intervalS: number,
): Promise<Metered> {
  const metered = new Map<MeterId, Map<EpochMs, EnergyMwh>>()
  let open: MeteredRow[] = []
  for await (const { meters, range, rows: stored } of pieces) {
    // Rows of meters whose last piece has been are skipped.
    const rows = [...open, ...stored.map(rowOf)]
    for (const own of collectMetered({ meters, intervalS, rows })) addTo(metered, ...own)
    open = rows.filter(({ startMs }) => startMs + intervalS * 1000 > range.endMs)
  }
  return metered
}

function rowOf(row: StoredRow): MeteredRow {
  const { meter, start_ms: startMs, duration_s: durationS, energy_mwh: energyMwh } = row
  return { meter, startMs, durationS, energyMwh }
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
