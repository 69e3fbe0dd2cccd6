import { InvalidArgumentError } from './wattproofError.ts'

export class InstantError extends InvalidArgumentError {
  constructor(asked: { readonly ms: number }) {
    super(`${asked.ms} is no instant in whole milliseconds.`, asked)
  }
}

export class ClockGoesBackError extends InvalidArgumentError {
  constructor(asked: { readonly shownMs: number; readonly ms: number }) {
    super(`The clock shows ${asked.shownMs}; it does not go back to ${asked.ms}.`, asked)
  }
}
