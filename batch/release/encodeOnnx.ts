import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { LinearModel } from '../training/linearModel.ts'
import { floatType, irVersion, modelProto, opset } from './onnxSchema.ts'

/** Names of the model's tensors; rows are sites. */
export const inputName = 'history_wh'
export const outputName = 'forecast_wh'
const weightsName = 'weights'

/**
 * A linear model as an ONNX file: `forecast_wh[sites][horizon] = MatMul(history_wh, weights)`.
 *
 * The same weights give the same bytes, so that a model's id is its content.
 */
export function encodeOnnx({ lookBack, horizon, weights }: LinearModel): Uint8Array {
  invariant(weights.length === lookBack * horizon, 'Weights are lookBack × horizon.')
  const message = {
    ir_version: irVersion,
    producer_name: 'wattproof',
    opset_import: [{ domain: '', version: opset }],
    graph: {
      name: 'day_ahead_load',
      node: [
        {
          input: [inputName, weightsName],
          output: [outputName],
          name: 'linear',
          op_type: 'MatMul',
        },
      ],
      initializer: [
        {
          dims: [lookBack, horizon],
          data_type: floatType,
          name: weightsName,
          raw_data: littleEndian(weights),
        },
      ],
      input: [describeTensor(inputName, lookBack)],
      output: [describeTensor(outputName, horizon)],
    },
  }
  return modelProto.encode(modelProto.fromObject(message)).finish()
}

function describeTensor(name: string, columns: number) {
  const dim = [{ dim_param: 'sites' }, { dim_value: columns }]
  return { name, type: { tensor_type: { elem_type: floatType, shape: { dim } } } }
}

function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  values.forEach((value, index) => {
    view.setFloat32(index * 4, value, true)
  })
  return bytes
}
