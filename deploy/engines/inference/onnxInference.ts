import type { InferenceSession as OrtSession, Tensor as OrtTensor } from 'onnxruntime-node'
import {
  ModelBytesError,
  ModelInputsError,
  SessionClosedError,
  TensorLengthError,
  TensorTypeError,
} from '../../../schemas/errors/model.ts'
import type { Inference, InferenceSession, Tensor } from '../../../schemas/ports/inference.ts'

type Runtime = typeof import('onnxruntime-node')

/** One thread, one order of summation: the same inputs give the same bits on one machine. */
const sessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
} as const

/** ONNX models on onnxruntime, which is loaded with the first model. */
export function openOnnxInference(): Inference {
  return { load }
}

async function load(bytes: Uint8Array): Promise<InferenceSession> {
  const runtime = await import('onnxruntime-node')
  const session = await createSession(runtime, bytes)
  let isOpen = true
  return {
    async run(inputs) {
      if (!isOpen) throw new SessionClosedError()
      return run(runtime, session, inputs)
    },
    async close() {
      if (isOpen) await session.release()
      isOpen = false
    },
  }
}

async function createSession(runtime: Runtime, bytes: Uint8Array): Promise<OrtSession> {
  try {
    return await runtime.InferenceSession.create(bytes, sessionOptions)
  } catch (error) {
    throw new ModelBytesError(error)
  }
}

async function run(
  runtime: Runtime,
  session: OrtSession,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Readonly<Record<string, Tensor>>> {
  const feeds = Object.entries(inputs).map(([name, { dims, data }]) => {
    const count = dims.reduce((product, each) => product * each, 1)
    if (data.length !== count) {
      throw new TensorLengthError({ name, dims, count, length: data.length })
    }
    return [name, new runtime.Tensor('float32', data, dims)] as const
  })
  const outputs = await runSession(session, Object.fromEntries(feeds))
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, readTensor(name, tensor)]),
  )
}

async function runSession(session: OrtSession, feeds: Record<string, OrtTensor>) {
  try {
    return await session.run(feeds)
  } catch (error) {
    // Only names and shapes can be wrong: the runtime's message is in the cause.
    const given = Object.keys(feeds)
    throw new ModelInputsError({ taken: session.inputNames, given }, error)
  }
}

function readTensor(name: string, tensor: OrtTensor): Tensor {
  const { data, dims } = tensor
  if (!(data instanceof Float32Array)) {
    throw new TensorTypeError({ name, type: tensor.type })
  }
  return { dims, data }
}
