import { toJson } from '../../schemas/units.ts'
import { type ViewRows, viewRows } from '../shapes/views.ts'
import type { CellRow } from './toCells.ts'

/** The JSON answer of a view, in as many pieces as the rows. */
export function* encodeJson(
  about: Omit<ViewRows, 'rows'>,
  pieces: Iterable<readonly CellRow[]>,
): Generator<string> {
  const { rows: _, ...head } = viewRows.parse({ ...about, rows: [] })
  yield `${toJson(head).slice(0, -1)},"rows":[`
  let isFirst = true
  for (const rows of pieces) {
    if (rows.length === 0) continue
    yield `${isFirst ? '' : ','}${JSON.stringify(rows).slice(1, -1)}`
    isFirst = false
  }
  yield ']}'
}
