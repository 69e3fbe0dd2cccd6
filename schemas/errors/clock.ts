import { InvalidArgumentError } from './wattproofError.ts'

export class InstantError extends InvalidArgumentError {
  constructor(asked: { readonly ms: number }) {
    super(`${asked.ms} is not a time in whole milliseconds since 1970.`, asked)
  }
}

export class ClockGoesBackError extends InvalidArgumentError {
  constructor(asked: { readonly shownMs: number; readonly ms: number }) {
    super(`The clock is at ${asked.shownMs} ms and cannot be set back to ${asked.ms} ms.`, asked)
  }
}
