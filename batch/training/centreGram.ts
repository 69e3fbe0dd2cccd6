/** A window is `lookBack` inputs, then `horizon` outputs. */
export type WindowShape = { readonly lookBack: number; readonly horizon: number }

/**
 * The Gram of windows less the mean of their last `last` inputs, from the Gram of plain windows.
 *
 * z' = z − (uᵀz)·1 with u = 1/last on those inputs, hence
 * `G' = G − a·1ᵀ − 1·aᵀ + s·11ᵀ`, a = Gu, s = uᵀGu. No pass over data.
 */
export function centreGram(matrix: Float64Array, shape: WindowShape, last: number): Float64Array {
  const { lookBack } = shape
  const width = lookBack + shape.horizon
  const means = new Float64Array(width)
  for (let i = 0; i < width; i++) {
    let sum = 0
    for (let j = lookBack - last; j < lookBack; j++) sum += matrix[i * width + j]!
    means[i] = sum / last
  }
  let spread = 0
  for (let j = lookBack - last; j < lookBack; j++) spread += means[j]!
  spread /= last
  const centred = new Float64Array(width * width)
  for (let i = 0; i < width; i++) {
    const own = spread - means[i]!
    const from = i * width
    for (let j = 0; j < width; j++) centred[from + j] = matrix[from + j]! + own - means[j]!
  }
  return centred
}
