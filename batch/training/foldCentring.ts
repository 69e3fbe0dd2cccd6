import type { WindowShape } from './centreGram.ts'

/**
 * The whole model as one matrix: forecast = history · weights.
 *
 * With c = uᵀx (mean of the last inputs), forecast_h = c + Σ B_ih (x_i − c)
 * = Σ x_i (B_ih + u_i (1 − Σ_k B_kh)): centring is linear, so it moves into the weights.
 *
 * @returns `[lookBack][horizon]`, single precision as the model file has it.
 */
export function foldCentring(
  coefficients: Float64Array,
  shape: WindowShape,
  last: number,
): Float32Array {
  const { lookBack, horizon } = shape
  const rest = new Float64Array(horizon).fill(1)
  for (let i = 0; i < lookBack; i++) {
    for (let h = 0; h < horizon; h++) rest[h]! -= coefficients[i * horizon + h]!
  }
  const weights = Float32Array.from(coefficients)
  for (let i = lookBack - last; i < lookBack; i++) {
    for (let h = 0; h < horizon; h++) {
      const at = i * horizon + h
      weights[at] = coefficients[at]! + rest[h]! / last
    }
  }
  return weights
}
