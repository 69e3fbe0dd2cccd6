import { InvalidArgumentError } from './wattproofError.ts'

export class ModelCardError extends InvalidArgumentError {
  constructor(card: { readonly issues: string }) {
    super(`The model card does not fit: ${card.issues}`, card)
  }
}

export class ModelHashError extends InvalidArgumentError {
  constructor(card: { readonly id: string; readonly actual: string }) {
    super(`The card is of model ${card.id}, but these bytes have the hash ${card.actual}.`, card)
  }
}

export class ModelNameError extends InvalidArgumentError {
  constructor(given: { readonly name: string }) {
    super(
      `"${given.name}" is not the name of a model; use 1 to 100 of A-Z a-z 0-9 . _ and -.`,
      given,
    )
  }
}

export class ModelBytesError extends InvalidArgumentError {
  constructor(cause: unknown) {
    super('These bytes are not an ONNX model that can be run.', {}, cause)
  }
}

export class SessionClosedError extends InvalidArgumentError {
  constructor() {
    super('This session of a model is closed.')
  }
}

export class TensorLengthError extends InvalidArgumentError {
  constructor(input: {
    readonly name: string
    readonly dims: readonly number[]
    readonly count: number
    readonly length: number
  }) {
    super(
      `Input ${input.name} of shape ${input.dims.join(' × ')} takes ${input.count} numbers, ` +
        `not ${input.length}.`,
      input,
    )
  }
}

export class ModelInputsError extends InvalidArgumentError {
  constructor(
    inputs: { readonly taken: readonly string[]; readonly given: readonly string[] },
    cause: unknown,
  ) {
    const names = inputs.taken.join(', ')
    super(`The model takes ${names} and does not take these inputs.`, inputs, cause)
  }
}

export class TensorTypeError extends InvalidArgumentError {
  constructor(output: { readonly name: string; readonly type: string }) {
    super(`Output ${output.name} is ${output.type}; only float32 is read.`, output)
  }
}
