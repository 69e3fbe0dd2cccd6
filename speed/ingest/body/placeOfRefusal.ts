import type { RejectReason } from '../../../schemas/reading/reading.ts'
import { type RowFields, textOf } from '../draft.ts'
import type { Refusal } from '../refusal.ts'
import { decodeText } from '../splitLines.ts'
import type { Place, RawRow } from './rawRow.ts'

/** The member of a tidy row that a reason is about, where it is always the same one. */
const members: Readonly<Partial<Record<RejectReason, string>>> = {
  'bad-meter-id': 'meter',
  'unknown-meter': 'meter',
  'bad-timestamp': 'start',
  'wrong-interval': 'duration_s',
  overlap: 'start',
  'in-the-future': 'start',
  'mixed-said-at': 'said_at',
  'bad-duration': 'duration_s',
}

/** Where a refused row or cell is; of a tidy row also which of its members is wrong. */
export function placeOfRefusal(row: RawRow, { reason, member }: Refusal): Place {
  const { place, content } = row
  if (place.column !== '' || 'reason' in content) return place
  const fields = fieldsOf(row)
  if (fields === null) return place
  const { missing, unknown, malformed } = content
  const value = fields.energy_wh === undefined ? 'power_w' : 'energy_wh'
  const named = missing ?? unknown ?? member ?? members[reason] ?? malformed?.field
  const column = named ?? (reason === 'out-of-range' || reason === 'negative-energy' ? value : '')
  return { line: place.line, column, value: textOf(fields[column]) }
}

function fieldsOf({ readAs, original }: RawRow): RowFields | null {
  if (readAs.kind === 'fields') return readAs.fields
  if (readAs.kind !== 'element') return null
  const text = decodeText(original)
  // It was refused for a member, so it is an object; what is none has `content.reason`.
  return text === null ? null : (JSON.parse(text) as RowFields)
}
