import type { Reading } from '../../../schemas/reading/reading.ts'
import type { RegisterRead } from '../../../schemas/reading/register.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import { judgeDraft, judgeRegister, type SaidBy } from '../judgeDraft.ts'
import type { Refusal } from '../refusal.ts'
import type { RawRow } from './rawRow.ts'

/** A row as what it is by itself; what a register is good for, those beside it say. */
export function judgeRow(
  { content }: Pick<RawRow, 'content'>,
  nowMs: EpochMs,
  by?: SaidBy,
): Reading | RegisterRead | Refusal {
  if ('reason' in content) return content
  return content.register ? judgeRegister(content, nowMs, by) : judgeDraft(content, nowMs, by)
}
