import { errorKinds } from './kinds.ts'
import { WattproofError } from './wattproofError.ts'

/** The exit code of a command that threw: 1 failed, 2 wrong use. */
export function exitCodeOf(error: unknown): 1 | 2 {
  return error instanceof WattproofError ? errorKinds[error.kind].exitCode : 1
}
