import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import type { Inference } from '../ports/inference.ts'

/**
 * `y[n][2] = MatMul(x[n][3], w)` with w = [[1, 2], [3, 4], [5, 6]], float32, opset 17, IR 8.
 *
 * 111 bytes, written once with protobufjs from `onnx.proto3`: ModelProto { ir_version 8, graph
 * { node MatMul(x, w) → y, initializer w, input x, output y }, opset_import 17 }.
 */
const matMulModel = Buffer.from(
  'CAg6ZwoRCgF4CgF3EgF5IgZNYXRNdWwSAWcqIwoCAwIQAUIBd0oYAACAPwAAAEAAAEBAAACAQAAAoEAAAMBAWhQKAXgS' +
    'DwoNCAESCQoDEgFuCgIIA2IUCgF5Eg8KDQgBEgkKAxIBbgoCCAJCAhAR',
  'base64',
)

/** The promise of `Inference`, as tests. */
export function describeInference(engine: string, open: () => Inference): void {
  describe(`inference on ${engine}`, () => {
    test('multiplies', async () => {
      const session = await open().load(matMulModel)
      const x = { dims: [2, 3], data: Float32Array.of(1, 0, 0, 1, 10, 100) }

      const { y } = await session.run({ x })

      expect(y?.dims).toEqual([2, 2])
      // First row of w; 1 + 30 + 500 and 2 + 40 + 600.
      expect([...y!.data]).toEqual([1, 2, 531, 642])
      await session.close()
    })

    test('any number of rows, one and none included, concurrently', async () => {
      const session = await open().load(matMulModel)
      const results = await Promise.all(
        [1, 0, 1_000].map((rows) => {
          const data = new Float32Array(rows * 3).fill(1)
          return session.run({ x: { dims: [rows, 3], data } })
        }),
      )

      expect(results.map(({ y }) => y!.dims)).toEqual([
        [1, 2],
        [0, 2],
        [1_000, 2],
      ])
      // 1 + 3 + 5 and 2 + 4 + 6.
      expect([...results[2]!.y!.data.subarray(1_998)]).toEqual([9, 12])
      await session.close()
    })

    test('the same inputs give the same bits, in this session and in another', async () => {
      const inference = open()
      const [one, two] = [await inference.load(matMulModel), await inference.load(matMulModel)]
      const data = Float32Array.from({ length: 999 }, (_, index) => Math.sin(index) / 3)
      const runs = [one, one, two].map((each) => each.run({ x: { dims: [333, 3], data } }))
      const bits = (await Promise.all(runs)).map(({ y }) => {
        return Buffer.from(y!.data.buffer, y!.data.byteOffset, y!.data.byteLength).toString('hex')
      })

      expect(bits[0]).toHaveLength(333 * 2 * 8)
      expect(new Set(bits).size).toBe(1)
      await one.close()
      await two.close()
    })

    test('bytes that are not a model are refused', async () => {
      const loading = open().load(new TextEncoder().encode('not a model'))
      await expect(loading).rejects.toThrow(InvalidArgumentError)
    })

    test('inputs of another name, shape or length are refused', async () => {
      const session = await open().load(matMulModel)
      const data = Float32Array.of(1, 2, 3, 4)

      const refused = [
        { z: { dims: [1, 4], data } },
        { x: { dims: [1, 4], data } },
        { x: { dims: [2, 3], data } },
        {},
      ]
      for (const inputs of refused) {
        await expect(session.run(inputs)).rejects.toThrow(InvalidArgumentError)
      }
      await session.close()
    })

    test('a closed session refuses; closing twice is not an error', async () => {
      const session = await open().load(matMulModel)
      await session.close()
      await session.close()

      const x = { dims: [1, 3], data: Float32Array.of(1, 2, 3) }
      await expect(session.run({ x })).rejects.toThrow(InvalidArgumentError)
    })
  })
}
