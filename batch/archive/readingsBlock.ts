import { rowNumbers } from '../../schemas/reading/frameColumns.ts'
import { type ReadingColumns, startsMs } from '../../schemas/reading/readingColumns.ts'
import { type InsertColumns, sameText, type TextColumn } from '../../schemas/sql/insertColumns.ts'
import type { Fleet } from './fleet.ts'
import { type Placed, placeByMeter, type TakenRows } from './placeByMeter.ts'

/**
 * The rows of some records of one partition, for the insert: meter by meter, as the store has them,
 * so that it has nothing to sort; what all rows share is one value.
 */
export function readingsBlock(
  taken: readonly TakenRows[],
  fleet: Fleet,
  partition: number,
): InsertColumns<'readings'> {
  const placed = placeByMeter(taken, fleet)
  const u8 = (of: ValuesOf) => scatter({ taken, placed, make: Uint8Array }, of)
  const u32 = (of: ValuesOf) => scatter({ taken, placed, make: Uint32Array }, of)
  const f32 = (of: ValuesOf) => scatter({ taken, placed, make: Float32Array }, of)
  const f64 = (of: ValuesOf) => scatter({ taken, placed, make: Float64Array }, of)
  const text = (of: (columns: ReadingColumns) => string): TextColumn => {
    const texts = [...new Set(taken.map(({ columns }) => of(columns)))]
    if (texts.length < 2) return sameText(texts[0] ?? '')
    return { texts, indexes: u32(({ columns }) => [texts.indexOf(of(columns))]) }
  }
  return {
    rows: placed.rows,
    columns: {
      meter: placed.meter,
      start: f64(({ columns }) => startsMs(columns)),
      quality: u8(({ columns }) => columns.quality),
      standing: u8(({ columns }) => columns.standing),
      revision: u32(({ columns }) => columns.revision),
      said_at: f64(({ columns }) => columns.saidAtMs.map((ms) => (ms === 0 ? Number.NaN : ms))),
      is_void: u8(({ columns }) => columns.isVoid.map((flag) => (flag === 0 ? 0 : 1))),
      source: text(({ source }) => source),
      ingest: text(({ ingest }) => ingest),
      logged: f64(({ record }) => [record.loggedMs]),
      energy_mwh: f64(({ columns }) => columns.energyMwh),
      power_w: f32(({ columns }) => columns.powerW),
      reactive_var: f32(({ columns }) => columns.reactiveVar),
      duration_s: u32(({ columns }) => columns.durationS),
      log_partition: Uint16Array.of(partition),
      log_offset: f64(({ record }) => [record.position.offset]),
      log_index: u32(({ columns }) => rowNumbers.subarray(0, columns.rows)),
    },
  }
}

/** One value a row of the record, or one for all. */
type ValuesOf = (each: TakenRows) => ArrayLike<number>

type Scattered<Column> = {
  readonly taken: readonly TakenRows[]
  readonly placed: Placed
  readonly make: new (length: number) => Column
}

type Writable = Uint8Array | Uint32Array | Float32Array | Float64Array

/** A column in the order of the insert; one value where all records have that one alone. */
function scatter<Column extends Writable>(
  { taken, placed, make }: Scattered<Column>,
  valuesOf: ValuesOf,
): Column {
  const values = taken.map(valuesOf)
  const first = values[0]?.[0] ?? 0
  const isSame = values.every((each) => each.length === 1 && Object.is(each[0], first))
  const column = new make(isSame ? 1 : placed.rows)
  if (isSame) column[0] = first
  else {
    taken.forEach(({ keep }, at) => {
      scatterRecord(column, { values: values[at]!, places: placed.places[at]!, keep })
    })
  }
  return column
}

type OfRecord = {
  readonly values: ArrayLike<number>
  readonly places: Uint32Array
  readonly keep: Uint8Array | null
}

function scatterRecord(column: Writable, { values, places, keep }: OfRecord): void {
  const isUniform = values.length === 1
  for (let row = 0; row < places.length; row++) {
    if (keep && keep[row] === 0) continue
    column[places[row]!] = isUniform ? values[0]! : values[row]!
  }
}
