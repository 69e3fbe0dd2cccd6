import type { Generation } from '../schemas/generation.ts'
import type { Views } from '../schemas/ports/views.ts'
import type { RowOf } from '../schemas/sql/catalogue/catalogue.ts'
import {
  type BaselineRow,
  replayFromMs,
  type SpeedState,
  setBaselines,
} from './microbatch/speedState.ts'

type Page = readonly RowOf<'baselines_ahead'>[]

/** Baselines in memory beside the state's own, at some 100 bytes each. */
const atOnceDefault = 200_000

/**
 * Takes the published baselines from the earliest reading of the state on, in pieces of a bounded
 * number, however many meters there are and however short their intervals.
 */
export async function loadBaselines(
  views: Pick<Views, 'query'>,
  { state, pointer, atOnce = atOnceDefault }: LoadBaselinesParameters,
): Promise<void> {
  const { run, horizonMs } = pointer
  const fromMs = replayFromMs(state)
  if (!(fromMs < horizonMs)) return
  const range = { run, from_ms: fromMs, to_ms: horizonMs, limit: atOnce }
  for (let last: Last = { after: '', after_ms: 0 }, count = atOnce; count === atOnce; ) {
    const page = await views.query('baselines_ahead', { ...range, ...last })
    setBaselines(state, rowsOf(page))
    count = page.reduce((sum, { start_ms }) => sum + start_ms.length, 0)
    if (count > 0) last = lastOf(page)
  }
}

export type LoadBaselinesParameters = {
  readonly state: SpeedState
  /** The generation that the state is of; before the first one there are none. */
  readonly pointer: Generation
  readonly atOnce?: number
}

type Last = { readonly after: string; readonly after_ms: number }

/** One at a time: objects of all of them would take more than the state does. */
function* rowsOf(page: Page): Generator<BaselineRow> {
  for (const { meter, duration_s: durationS, start_ms, baseline_mwh, sigma_w } of page) {
    for (const [row, startMs] of start_ms.entries()) {
      const baselineMwh = baseline_mwh[row]!
      yield { meter, startMs, durationS, baselineMwh, sigmaW: sigma_w[row]! }
    }
  }
}

/** The greatest key of a page; its last meter may have more than one length of interval. */
function lastOf(page: Page): Last {
  const { meter } = page.at(-1)!
  let lastMs = Number.NEGATIVE_INFINITY
  for (const each of page) {
    if (each.meter !== meter) continue
    for (const startMs of each.start_ms) lastMs = Math.max(lastMs, startMs)
  }
  return { after: meter, after_ms: lastMs }
}
