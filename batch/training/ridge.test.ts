import { expect, test } from 'vitest'
import { centreGram } from './centreGram.ts'
import { foldCentring } from './foldCentring.ts'
import { applyLinear } from './linearModel.ts'
import { solveRidge } from './solveRidge.ts'
import { addSegment, emptyGram, gramMatrix } from './windowGram.ts'

const shape = { lookBack: 5, horizon: 2 }
const width = shape.lookBack + shape.horizon
const values = Float64Array.from({ length: 60 }, (_, t) => 50 + ((t * 37) % 23) + 9 * Math.sin(t))

test.each([1, 3, 5])('centring the Gram by the last %d is centring every window', (last) => {
  const centred = centreGram(gramMatrix(gramOf(values)), shape, last)

  const windows = emptyGram(width)
  for (let t = 0; t + width <= values.length; t++) {
    const mean = average(values.subarray(t + shape.lookBack - last, t + shape.lookBack))
    const window = values.subarray(t, t + width).map((value) => value - mean)
    addSegment(windows, window, { first: 0, end: width })
  }
  expectClose(centred, gramMatrix(windows), 1e-9)
})

test('the ridge solution makes the gradient zero', () => {
  const centred = centreGram(gramMatrix(gramOf(values)), shape, 3)
  const lambda = 0.1
  const coefficients = solveRidge(centred, shape, lambda)

  let trace = 0
  for (let i = 0; i < shape.lookBack; i++) trace += centred[i * width + i]!
  const ridge = (lambda * trace) / shape.lookBack
  for (let i = 0; i < shape.lookBack; i++) {
    for (let h = 0; h < shape.horizon; h++) {
      // (Gxx + ridge·I) B − Gxy, entry (i, h).
      let gradient = ridge * coefficients[i * shape.horizon + h]!
      for (let k = 0; k < shape.lookBack; k++) {
        gradient += centred[i * width + k]! * coefficients[k * shape.horizon + h]!
      }
      gradient -= centred[i * width + shape.lookBack + h]!
      expect(Math.abs(gradient) / trace).toBeLessThan(1e-12)
    }
  }
})

test('learns a series that repeats every five slots', () => {
  const pattern = [3, 1, 4, 1, 5]
  const repeating = Float64Array.from({ length: 200 }, (_, t) => pattern[t % 5]!)
  const centred = centreGram(gramMatrix(gramOf(repeating)), shape, 5)
  const coefficients = solveRidge(centred, shape, 1e-9)
  const model = { ...shape, weights: foldCentring(coefficients, shape, 5) }

  const [first, second] = applyLinear(model, Float32Array.from(pattern), 1)

  expect(first).toBeCloseTo(3, 4)
  expect(second).toBeCloseTo(1, 4)
})

test('folded weights forecast as centring, multiplying and adding back does', () => {
  const last = 3
  const coefficients = solveRidge(centreGram(gramMatrix(gramOf(values)), shape, last), shape, 0.1)
  const model = { ...shape, weights: foldCentring(coefficients, shape, last) }
  const history = values.subarray(7, 7 + shape.lookBack)

  const mean = average(history.subarray(shape.lookBack - last))
  const expected = Array.from({ length: shape.horizon }, (_, h) =>
    history.reduce(
      (sum, value, i) => sum + (value - mean) * coefficients[i * shape.horizon + h]!,
      mean,
    ),
  )

  const forecast = applyLinear(model, Float32Array.from(history), 1)
  expect(forecast[0]).toBeCloseTo(expected[0]!, 3)
  expect(forecast[1]).toBeCloseTo(expected[1]!, 3)
})

test('forecasts scale with the site: there is no intercept', () => {
  const coefficients = solveRidge(centreGram(gramMatrix(gramOf(values)), shape, 3), shape, 0.1)
  const model = { ...shape, weights: foldCentring(coefficients, shape, 3) }
  const history = Float32Array.from(values.subarray(0, shape.lookBack))

  const [small] = applyLinear(model, history, 1)
  const [large] = applyLinear(
    model,
    history.map((value) => value * 8),
    1,
  )

  expect(large).toBe(8 * small!)
})

function gramOf(series: Float64Array) {
  const gram = emptyGram(width)
  addSegment(gram, series, { first: 0, end: series.length })
  return gram
}

function average(part: Float64Array): number {
  return part.reduce((sum, value) => sum + value, 0) / part.length
}

function expectClose(actual: Float64Array, expected: Float64Array, tolerance: number): void {
  const size = Math.max(...[...expected].map(Math.abs))
  actual.forEach((each, index) => {
    expect(Math.abs(each - expected[index]!) / size).toBeLessThan(tolerance)
  })
}
