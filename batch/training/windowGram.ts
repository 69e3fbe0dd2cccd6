import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { SlotRange } from '../history/splitSegments.ts'

/**
 * Sufficient statistics of all windows of `width` slots: mergeable, and determine `Σ z zᵀ`.
 *
 * For z_t = x[t .. t+width) over t = 0 … W-1, G obeys
 * `G[i+1][j+1] = G[i][j] + x[W+i]·x[W+j] − x[i]·x[j]`, so the first row and the edges suffice
 * (METHODS §4.1). Both are sums over segments: adding two states is training on both.
 */
export type WindowGram = {
  readonly width: number
  /** Windows seen. */
  windows: number
  /** `G[0][j]`. `[width]` */
  readonly row: Float64Array
  /** `Σ x[W+i]x[W+j] − x[i]x[j]` for j ≥ i. `[width][width]`, upper triangle. */
  readonly edges: Float64Array
}

export function emptyGram(width: number): WindowGram {
  const edges = new Float64Array(width * width)
  return { width, windows: 0, row: new Float64Array(width), edges }
}

/**
 * Adds every window of one gapless segment: O(slots · width) for the row, O(width²) for the edges.
 *
 * @param segment with a `scale`, each value is multiplied by it.
 */
export function addSegment(
  gram: WindowGram,
  values: Float64Array,
  segment: SlotRange & { readonly scale?: number },
): void {
  const { scale = 1 } = segment
  const { width } = gram
  const windows = segment.end - segment.first - width + 1
  if (windows <= 0) return
  const x = values.slice(segment.first, segment.end)
  if (scale !== 1) for (let slot = 0; slot < x.length; slot++) x[slot]! *= scale
  addLaggedProducts(gram.row, x, windows)
  addEdges(gram, x, windows)
  gram.windows += windows
}

/** Training on both: the empty state is neutral, order and grouping do not matter. */
export function mergeGrams(left: WindowGram, right: WindowGram): WindowGram {
  invariant(left.width === right.width, 'Only windows of one width merge.')
  return {
    width: left.width,
    windows: left.windows + right.windows,
    row: left.row.map((value, index) => value + right.row[index]!),
    edges: left.edges.map((value, index) => value + right.edges[index]!),
  }
}

/** `Σ z zᵀ`. `[width][width]`, symmetric. */
export function gramMatrix({ width, row, edges }: WindowGram): Float64Array {
  const matrix = new Float64Array(width * width)
  matrix.set(row)
  for (let i = 0; i + 1 < width; i++) {
    const from = i * width
    const to = (i + 1) * width + 1
    for (let j = i; j + 1 < width; j++) matrix[to + j] = matrix[from + j]! + edges[from + j]!
  }
  for (let i = 1; i < width; i++) {
    for (let j = 0; j < i; j++) matrix[i * width + j] = matrix[j * width + i]!
  }
  return matrix
}

/** Four lags a pass, so that each value is loaded once for four products. */
function addLaggedProducts(row: Float64Array, x: Float64Array, windows: number): void {
  const lags = row.length
  let lag = 0
  for (; lag + 4 <= lags; lag += 4) {
    let sum0 = 0
    let sum1 = 0
    let sum2 = 0
    let sum3 = 0
    for (let t = 0, at = lag; t < windows; t++, at++) {
      const value = x[t]!
      sum0 += value * x[at]!
      sum1 += value * x[at + 1]!
      sum2 += value * x[at + 2]!
      sum3 += value * x[at + 3]!
    }
    row[lag]! += sum0
    row[lag + 1]! += sum1
    row[lag + 2]! += sum2
    row[lag + 3]! += sum3
  }
  for (; lag < lags; lag++) {
    let sum = 0
    for (let t = 0; t < windows; t++) sum += x[t]! * x[t + lag]!
    row[lag]! += sum
  }
}

function addEdges({ width, edges }: WindowGram, x: Float64Array, windows: number): void {
  for (let i = 0; i + 1 < width; i++) {
    const head = x[i]!
    const tail = x[windows + i]!
    const from = i * width
    for (let j = i; j + 1 < width; j++) {
      edges[from + j]! += tail * x[windows + j]! - head * x[j]!
    }
  }
}
