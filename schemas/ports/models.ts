/** What a model is, how it was trained and how well it performs. Stored beside its bytes. */
export type ModelCard = {
  /** sha256 of the ONNX bytes, lower-case hexadecimal. */
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly createdMs: number
  /** Training, validation and test ranges, disjoint in time, ISO 8601. */
  readonly split: Readonly<Record<'train' | 'validate' | 'test', readonly [string, string]>>
  readonly hyperparameters: Readonly<Record<string, number | string>>
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>
  readonly outputs: Readonly<Record<string, readonly (number | string)[]>>
  /** Metrics on the test range, with their references. */
  readonly metrics: Readonly<Record<string, number>>
  readonly meters: number
  readonly notes: string
}

/**
 * The model store. Content-addressed: a name can move to another model, but a model never changes.
 *
 * - `put` is idempotent and durable; it throws InvalidArgumentError when `card.id` is not the
 *   sha256 of the bytes.
 * - `release` atomically moves a name to a model; `released` is null before the first.
 */
export interface Models {
  put(bytes: Uint8Array, card: ModelCard): Promise<void>
  get(id: string): Promise<{ readonly bytes: Uint8Array; readonly card: ModelCard }>
  list(): Promise<readonly ModelCard[]>
  release(name: string, id: string): Promise<void>
  released(name: string): Promise<ModelCard | null>
}
