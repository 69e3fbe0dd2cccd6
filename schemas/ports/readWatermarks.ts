import type { EpochMs } from '../time.ts'
import type { Views } from './views.ts'

/** How far the speed layer has come in one partition of the readings. */
export type SpeedProgress = {
  readonly partition: number
  readonly watermarkMs: EpochMs
  /** Days that end by it were spilled; null while none was. */
  readonly heldFromMs: EpochMs | null
  /** The generation whose baselines the newest live rows are compared with. */
  readonly generation: number
}

/** By partition; one that the speed layer has not written of is missing. */
export async function readWatermarks(
  views: Pick<Views, 'query'>,
): Promise<readonly SpeedProgress[]> {
  const rows = await views.query('watermarks')
  return rows.map(({ log_partition: partition, watermark_ms, held_from_ms, generation }) => {
    return { partition, watermarkMs: watermark_ms, heldFromMs: held_from_ms, generation }
  })
}
