import type { RejectReason } from '../../schemas/reading/reading.ts'

/** One case of a refusal: the reason it is counted under, and its sentence, made from its data. */
export function because<Data extends readonly unknown[]>(
  reason: RejectReason,
  sentence: (...data: Data) => string,
) {
  return { reason, sentence }
}

/** What was sent, short enough to leave room for what to do about it. */
export function quote(value: string | number): string {
  const text = String(value)
  return `"${text.length > quotedCharsMax ? `${text.slice(0, quotedCharsMax - 1)}…` : text}"`
}

const quotedCharsMax = 80
