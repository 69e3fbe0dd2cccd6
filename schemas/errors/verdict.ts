import { InvalidArgumentError } from './wattproofError.ts'

/** A validator's verdict that cannot be counted. */
abstract class VerdictError extends InvalidArgumentError {
  override readonly kind = 'verdict'
}

export class VerdictShapeError extends VerdictError {
  constructor() {
    super('A verdict is either a signature or a refusal; send one of the two.')
  }
}

export class NotOpenForVerdictsError extends VerdictError {
  constructor(settlement: { readonly settlementNumber: number; readonly state: string }) {
    const state = settlement.state === 'none' ? 'not proposed' : settlement.state
    super(
      `Settlement ${settlement.settlementNumber} is ${state}; it takes no verdicts.`,
      settlement,
    )
  }
}

export class OtherSignerError extends VerdictError {
  constructor(signed: { readonly settlementNumber: number; readonly validator: string }) {
    super(
      `The signature for settlement ${signed.settlementNumber} is not by ${signed.validator}; ` +
        "sign the anchor's header with the domain of this chain and this anchor.",
      signed,
    )
  }
}

export class NoStakeError extends VerdictError {
  constructor(signed: { readonly settlementNumber: number; readonly validator: string }) {
    super(`${signed.validator} has no stake at settlement ${signed.settlementNumber}.`, signed)
  }
}

export class SignatureError extends VerdictError {
  constructor(
    given: { readonly signature: string; readonly fault: keyof typeof signatureFaults },
    cause?: unknown,
  ) {
    super(signatureFaults[given.fault], given, cause)
  }
}

const signatureFaults = {
  length: 'This is not a signature: one has 65 bytes, r, s and v.',
  value: 'This is not a signature: r or s is out of range, or v is neither 27 nor 28.',
  'high-s':
    'This is not a signature that the anchor takes: s is the higher of two; send the lower.',
} as const
