import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { WindowShape } from './centreGram.ts'

/**
 * Ridge regression of the outputs on the inputs of a centred Gram, by Cholesky.
 *
 * Solves `(Gxx + λ·tr(Gxx)/L·I) B = Gxy`: λ is relative to the inputs' mean square, so that it
 * means the same for any number of windows and any unit.
 *
 * @returns coefficients `[lookBack][horizon]`.
 */
export function solveRidge(
  centred: Float64Array,
  shape: WindowShape,
  lambda: number,
): Float64Array {
  const { lookBack, horizon } = shape
  const width = lookBack + horizon
  const factor = new Float64Array(lookBack * lookBack)
  const right = new Float64Array(lookBack * horizon)
  let trace = 0
  for (let i = 0; i < lookBack; i++) trace += centred[i * width + i]!
  // Inputs that do not vary explain nothing: the mean alone is left.
  if (trace <= 0) return right
  for (let i = 0; i < lookBack; i++) {
    const row = centred.subarray(i * width, (i + 1) * width)
    factor.set(row.subarray(0, lookBack), i * lookBack)
    factor[i * lookBack + i]! += (lambda * trace) / lookBack
    right.set(row.subarray(lookBack), i * horizon)
  }
  factorise(factor, lookBack)
  substitute(factor, right, shape)
  return right
}

/** Cholesky, lower triangle, in place. */
function factorise(matrix: Float64Array, size: number): void {
  for (let j = 0; j < size; j++) {
    const rowJ = matrix.subarray(j * size, j * size + j)
    const pivot = matrix[j * size + j]! - dot(rowJ, rowJ, j)
    invariant(pivot > 0, `The Gram is not positive definite at ${j}: raise lambda.`)
    const root = Math.sqrt(pivot)
    matrix[j * size + j] = root
    for (let i = j + 1; i < size; i++) {
      const rowI = matrix.subarray(i * size, i * size + j)
      matrix[i * size + j] = (matrix[i * size + j]! - dot(rowI, rowJ, j)) / root
    }
  }
}

function dot(left: Float64Array, right: Float64Array, length: number): number {
  let sum0 = 0
  let sum1 = 0
  let sum2 = 0
  let sum3 = 0
  let at = 0
  for (; at + 4 <= length; at += 4) {
    sum0 += left[at]! * right[at]!
    sum1 += left[at + 1]! * right[at + 1]!
    sum2 += left[at + 2]! * right[at + 2]!
    sum3 += left[at + 3]! * right[at + 3]!
  }
  for (; at < length; at++) sum0 += left[at]! * right[at]!
  return sum0 + sum1 + sum2 + sum3
}

/** Forward with the factor, backward with its transpose, all outputs at once. */
function substitute(factor: Float64Array, right: Float64Array, shape: WindowShape): void {
  const { lookBack, horizon } = shape
  const rows = Array.from({ length: lookBack }, (_, i) =>
    right.subarray(i * horizon, (i + 1) * horizon),
  )
  for (let i = 0; i < lookBack; i++) {
    const row = rows[i]!
    for (let k = 0; k < i; k++) subtract(row, rows[k]!, factor[i * lookBack + k]!)
    divide(row, factor[i * lookBack + i]!)
  }
  for (let i = lookBack - 1; i >= 0; i--) {
    const row = rows[i]!
    for (let k = i + 1; k < lookBack; k++) subtract(row, rows[k]!, factor[k * lookBack + i]!)
    divide(row, factor[i * lookBack + i]!)
  }
}

function subtract(row: Float64Array, other: Float64Array, times: number): void {
  for (let h = 0; h < row.length; h++) row[h]! -= times * other[h]!
}

function divide(row: Float64Array, by: number): void {
  for (let h = 0; h < row.length; h++) row[h]! /= by
}
