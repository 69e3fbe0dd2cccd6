import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { sha256Hex } from '../../schemas/hash.ts'
import { applyLinear } from '../training/linearModel.ts'
import { encodeOnnx, inputName, outputName } from './encodeOnnx.ts'

test('two by two by hand', async () => {
  const model = { lookBack: 2, horizon: 2, weights: Float32Array.of(1, 2, 3, 4) }

  // [5 6] · [[1 2] [3 4]] = [5 + 18, 10 + 24]
  expect(await run(encodeOnnx(model), [1, 2], Float32Array.of(5, 6))).toEqual([23, 34])
})

test('onnxruntime computes what the weights say, for any number of sites', async () => {
  const shape = { lookBack: 336, horizon: 48 }
  const weights = Float32Array.from({ length: 336 * 48 }, (_, at) => Math.sin(at * 1.7) / 100)
  const rows = 5
  const histories = Float32Array.from({ length: rows * 336 }, (_, at) => 300 + 250 * Math.cos(at))
  const model = { ...shape, weights }

  const outputs = await run(encodeOnnx(model), [rows, 336], histories)

  const expected = applyLinear(model, histories, rows)
  const worst = Math.max(...outputs.map((each, at) => Math.abs(each - expected[at]!)))
  // Single precision over 336 products of about 1: some 1e-5 of their sum of magnitudes.
  expect(worst).toBeLessThan(0.02)
  expect(outputs).toHaveLength(rows * 48)
})

test('the same weights give the same bytes', () => {
  const model = { lookBack: 2, horizon: 1, weights: Float32Array.of(0.5, -0.25) }

  expect(sha256Hex(encodeOnnx(model))).toBe(sha256Hex(encodeOnnx({ ...model })))
})

async function run(bytes: Uint8Array, dims: number[], data: Float32Array): Promise<number[]> {
  const session = await InferenceSession.create(bytes)
  const outputs = await session.run({ [inputName]: new Tensor('float32', data, dims) })
  await session.release()
  return [...(outputs[outputName]!.data as Float32Array)]
}
