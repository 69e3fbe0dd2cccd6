/** What a model is, how it was made and how well it did. Stored beside its bytes. */
export type ModelCard = {
  /** sha256 of the ONNX bytes, lower-case hexadecimal. */
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly createdMs: number
  /** Training, validation and test ranges, apart in time, ISO 8601. */
  readonly split: Readonly<Record<'train' | 'validate' | 'test', readonly [string, string]>>
  readonly hyperparameters: Readonly<Record<string, number | string>>
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>
  readonly outputs: Readonly<Record<string, readonly (number | string)[]>>
  /** Figures on the test range, with what they are compared with. */
  readonly metrics: Readonly<Record<string, number>>
  readonly meters: number
  readonly notes: string
}

/**
 * The shelf of models: content-addressed, so that a name can move and what it named cannot change.
 *
 * - `put` is idempotent and durable; it throws InvalidArgumentError when `card.id` is not the
 *   sha256 of the bytes.
 * - `release` moves a name to a model in one step; `released` is null before the first.
 */
export interface Models {
  put(bytes: Uint8Array, card: ModelCard): Promise<void>
  get(id: string): Promise<{ readonly bytes: Uint8Array; readonly card: ModelCard }>
  list(): Promise<readonly ModelCard[]>
  release(name: string, id: string): Promise<void>
  released(name: string): Promise<ModelCard | null>
}
