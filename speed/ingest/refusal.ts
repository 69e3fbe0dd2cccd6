import type { RejectReason } from '../../schemas/reading/reading.ts'
import { ingestLimits } from './limits.ts'
import { meterRefusals } from './meterRefusals.ts'
import { profileRefusals } from './profileRefusals.ts'
import { readingRefusals } from './readingRefusals.ts'
import { registerRefusals } from './registerRefusals.ts'
import { tableRefusals } from './tableRefusals.ts'

/** Why a reading is rejected; the sentence is kept with its dead letter. */
export type Refusal = {
  readonly reason: RejectReason
  readonly detail: string
  /** The member of a tidy row that is wrong, where its reason is usually about another one. */
  readonly member?: 'said_at'
}

/**
 * One sentence a case, made from its data: what is wrong and what to do. Cases of one reason differ
 * in what to do.
 */
const cases = {
  ...readingRefusals,
  ...meterRefusals,
  ...registerRefusals,
  ...tableRefusals,
  ...profileRefusals,
}

type Cases = typeof cases
export type RefusalCase = keyof Cases
export type RefusalData<Case extends RefusalCase> = Parameters<Cases[Case]['sentence']>

/** A refusal from its data; a case without any takes none. */
export function refuse<Case extends RefusalCase>(which: Case, ...data: RefusalData<Case>): Refusal {
  const { reason, sentence } = cases[which]
  return { reason, detail: cut((sentence as (...data: RefusalData<Case>) => string)(...data)) }
}

function cut(text: string): string {
  const { detailCharsMax } = ingestLimits
  return text.length > detailCharsMax ? `${text.slice(0, detailCharsMax - 1)}…` : text
}
