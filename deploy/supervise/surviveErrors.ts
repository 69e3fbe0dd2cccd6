import type { Writable } from 'node:stream'
import { inspect } from 'node:util'

/**
 * Writes lines to a stream, and does without where it fails: a full disk under a redirected
 * standard error, or a reader that is gone, must not end what is only being reported.
 */
export function sayCarefully(stream: Writable): (line: string) => void {
  stream.on('error', () => {})
  return (line) => {
    try {
      stream.write(`${line}\n`)
    } catch {
      // Files are written at once, and their errors are thrown.
    }
  }
}

/**
 * From here on an error that nobody caught is reported and survived: this process watches others,
 * and all of them would end with it.
 */
export function surviveErrors(say: (line: string) => void): void {
  const survive = (error: unknown) =>
    say(`The supervisor goes on after an error: ${inspect(error)}`)
  process.on('uncaughtException', survive)
  process.on('unhandledRejection', survive)
}
