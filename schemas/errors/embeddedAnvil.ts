import { InvalidArgumentError, RetryableError } from './wattproofError.ts'

/** What the guard of the embedded chain refuses, as JSON-RPC answers it. */
export abstract class ChainGuardError extends InvalidArgumentError {
  /** JSON-RPC's number of the failure. */
  abstract readonly code: number
  /** HTTP status. */
  abstract readonly status: number
}

export class ForeignCallerError extends ChainGuardError {
  readonly code = -32_001
  readonly status = 403

  constructor() {
    super('The embedded chain answers programs of this machine only: no web page, no other host.')
  }
}

export class ChainPasswordError extends ChainGuardError {
  readonly code = -32_001
  readonly status = 401

  constructor() {
    super(
      'The embedded chain requires its password, which is in the folder of the installation. ' +
        '`wattproof verify --rpc` without a URL finds it there.',
    )
  }
}

type RequestFault = { readonly status: number; readonly clause: (max: number) => string }

const requestFaults = {
  'not-post': { status: 405, clause: () => 'it is not a POST' },
  'content-type': { status: 415, clause: () => 'its content type is not application/json' },
  'too-large': { status: 413, clause: (max) => `it is over ${max} bytes` },
  'not-json': { status: 400, clause: () => 'it is not valid JSON' },
  batch: { status: 400, clause: (max) => `a batch has 1 to ${max} calls` },
  // The answer to one call of several.
  call: { status: 200, clause: () => 'it has no method, or no list of params' },
} as const satisfies Readonly<Record<string, RequestFault>>

export class ChainRequestError extends ChainGuardError {
  readonly code = -32_600
  readonly status: number

  /** @param request `max` is the limit that it is over. */
  constructor(request: { readonly fault: keyof typeof requestFaults; readonly max?: number }) {
    const { status, clause }: RequestFault = requestFaults[request.fault]
    super(`This is not a JSON-RPC request: ${clause(request.max ?? 0)}.`, request)
    this.status = status
  }
}

export class ChainMethodError extends ChainGuardError {
  readonly code = -32_601
  readonly status = 200

  constructor(asked: { readonly method: string }) {
    const method = asked.method.slice(0, 64)
    super(
      `The embedded chain does not pass ${JSON.stringify(method)}: wattproof has no use for it.`,
      {
        method,
      },
    )
  }
}

export class ChainParametersError extends ChainGuardError {
  readonly code = -32_602
  readonly status = 200

  constructor(asked: { readonly method: string }) {
    super(`Wattproof never sends ${asked.method} with such parameters.`, asked)
  }
}

/** JSON-RPC's number of a block time that is refused until the clock is there. */
export const chainTimeCode = -32_006

/** A block time that is not there yet, or only by a clock that has just jumped ahead. */
export class ChainTimeError extends ChainGuardError {
  readonly code = chainTimeCode
  readonly status = 200

  constructor(asked: { readonly beyondS: number; readonly aheadS: number }) {
    super(
      asked.aheadS === 0
        ? `The embedded chain's time cannot be set ${asked.beyondS} s beyond the clock.`
        : `The machine's clock jumped ahead by ${asked.aheadS} s. Nothing is sent to the ` +
            'embedded chain until it is set right, or has gone on from there for 10 minutes.',
      asked,
    )
  }
}

/** It starts, or has more to do than it should: the same request may be answered later. */
export class ChainBusyError extends ChainGuardError {
  readonly code = -32_005
  readonly status = 503

  constructor(now: { readonly running: number }) {
    super(`The embedded chain starts or is busy with ${now.running} requests; ask again.`, now)
  }
}

/** What its socket said is no answer to a request. */
export class AnvilUnreadableError extends RetryableError {
  constructor(answer: { readonly line: string }) {
    super(`anvil answers what is no answer: ${answer.line}`, answer)
  }
}
