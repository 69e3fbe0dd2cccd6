import { localDayAt } from '../../../schemas/localDay.ts'

/** Today, and until 06:00 also yesterday evening. */
export function dayAround(nowMs: number, zone: string): { fromMs: number; toMs: number } {
  return {
    fromMs: localDayAt(nowMs - 6 * 3_600_000, zone).startMs,
    toMs: localDayAt(nowMs, zone).endMs,
  }
}
