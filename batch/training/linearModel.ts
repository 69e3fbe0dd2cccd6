import type { WindowShape } from './centreGram.ts'

/** A forecast that is one matrix: `[rows][lookBack] · [lookBack][horizon]`. */
export type LinearModel = WindowShape & { readonly weights: Float32Array }

/** The computation of the exported model in plain TypeScript. */
export function applyLinear(
  { lookBack, horizon, weights }: LinearModel,
  histories: Float32Array,
  rows: number,
): Float32Array {
  const forecasts = new Float32Array(rows * horizon)
  const sums = new Float64Array(horizon)
  for (let row = 0; row < rows; row++) {
    sums.fill(0)
    for (let i = 0; i < lookBack; i++) {
      const value = histories[row * lookBack + i]!
      for (let h = 0; h < horizon; h++) sums[h]! += value * weights[i * horizon + h]!
    }
    forecasts.set(sums, row * horizon)
  }
  return forecasts
}
