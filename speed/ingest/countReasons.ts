import type { RejectReason } from '../../schemas/reading/reading.ts'

/** How many were rejected, by reason. */
export function countReasons(
  rejections: readonly { readonly reason: RejectReason }[],
): Partial<Record<RejectReason, number>> {
  const counts: Partial<Record<RejectReason, number>> = {}
  for (const { reason } of rejections) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}
