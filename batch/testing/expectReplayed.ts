import { expect } from 'vitest'
import type { Views } from '../../schemas/ports/views.ts'
import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'

/** A replay from the start of any word begins at its record or before. */
export async function expectReplayed(
  views: Views,
  words: readonly RowOf<'words_between'>[],
): Promise<void> {
  for (const from_ms of new Set(words.map(({ start_ms }) => start_ms))) {
    const starts = await views.query('replay_offsets', { from_ms })
    const first = new Map(starts.map((each) => [each.log_partition, each.log_offset]))
    for (const { log_partition, log_offset, start_ms } of words) {
      if (start_ms >= from_ms) expect(first.get(log_partition)).toBeLessThanOrEqual(log_offset)
    }
  }
}
