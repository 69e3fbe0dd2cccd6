import type { MeterId } from '../../schemas/ids.ts'
import type { TimeRange } from '../../schemas/time.ts'

export type ReadPiece = { readonly meters: readonly MeterId[]; readonly range: TimeRange }

export type PlanReadsParameters = ReadPiece & {
  /** The shortest interval that a meter has within the range, s. */
  readonly stepSOf: (meter: MeterId) => number
  readonly rowsMax?: number
}

/** Parameters are part of the URL, whose length servers limit. */
const metersMax = 400
/** A tenth of what one answer may have, some 50 MB of objects. */
const rowsMaxDefault = 500_000
const hourMs = 3_600_000

/**
 * Meters and times to ask for one after another, so that no answer grows with the fleet, the range
 * or the shortness of intervals. A meter that alone has too many rows is asked for by whole hours,
 * in their order and without overlap. Borders follow the steps that are enrolled now, and may lie
 * within an interval of the event: nothing may depend on them (`collectPieces`).
 */
export function* planReads(parameters: PlanReadsParameters): Generator<ReadPiece> {
  const { meters, range, stepSOf, rowsMax = rowsMaxDefault } = parameters
  const rowsOf = (meter: MeterId) => (range.endMs - range.startMs) / (1000 * stepSOf(meter))
  let some: MeterId[] = []
  let rows = 0
  for (const meter of meters) {
    const own = rowsOf(meter)
    if (own > rowsMax) {
      yield* byHours({ meters: [meter], range }, Math.ceil(own / rowsMax))
      continue
    }
    if (some.length === metersMax || rows + own > rowsMax) {
      yield { meters: some, range }
      some = []
      rows = 0
    }
    some.push(meter)
    rows += own
  }
  if (some.length > 0) yield { meters: some, range }
}

function* byHours({ meters, range }: ReadPiece, pieces: number): Generator<ReadPiece> {
  const hours = Math.max(1, Math.floor((range.endMs - range.startMs) / hourMs / pieces))
  for (let startMs = range.startMs; startMs < range.endMs; startMs += hours * hourMs) {
    yield { meters, range: { startMs, endMs: Math.min(range.endMs, startMs + hours * hourMs) } }
  }
}
