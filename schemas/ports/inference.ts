export type Tensor = { readonly dims: readonly number[]; readonly data: Float32Array }

/**
 * Runs ONNX models.
 *
 * - `load` compiles once; the session may be used until `close`.
 * - The same inputs give the same outputs, bit for bit, on one machine: sessions run on one thread.
 */
export interface Inference {
  load(bytes: Uint8Array): Promise<InferenceSession>
}

export interface InferenceSession {
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>
  close(): Promise<void>
}
