import { tableLimits } from '../limits.ts'
import { refuse } from '../refusal.ts'
import type { TextRecord } from './records.ts'
import { splitRecord } from './splitRecord.ts'
import type { TableRefusal, TableRow } from './table.ts'
import type { TextReader } from './textReader.ts'

/** The cells of one record, or why it has none to read. */
export function readRecord(
  reader: TextReader,
  delimiter: string | null,
  record: TextRecord,
): TableRow | TableRefusal {
  const { line, from, to, fault, quoting } = record
  const { rowBytesMax, originalBytesMax } = tableLimits
  const original = reader.bytes.subarray(from, Math.min(to, from + originalBytesMax))
  if (fault === 'too-long') {
    return { line, ...refuse('row-too-long', { bytes: to - from, limit: rowBytesMax }), original }
  }
  if (fault === 'open-quote') return { line, ...refuse('open-quote'), original }
  const { text, isValid } = reader.decode(from, to)
  if (!isValid) {
    return { line, ...refuse('row-encoding', { encoding: reader.encoding }), original }
  }
  if (text.includes('\0')) return { line, ...refuse('nul-byte'), original }
  return { line, cells: splitRecord(text, delimiter, quoting), original }
}
