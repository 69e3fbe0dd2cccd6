import { CommanderError } from 'commander'
import { exitCodeOf } from '../schemas/errors/exitCode.ts'
import { sentenceOf } from '../schemas/errors/wattproofError.ts'
import { createProgram } from './commands/createProgram.ts'

/**
 * `wattproof COMMAND`. Exit codes: 0 done, 1 failed, 2 wrong use or configuration. With `--json` standard output is
 * one JSON document; progress and warnings go to standard error.
 */
try {
  await createProgram().parseAsync()
} catch (error) {
  // Exit now: open handles of a failed layer would keep the idle process alive forever.
  process.exit(report(error))
}

/** Prints what went wrong, unless commander has already printed it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  process.stderr.write(`wattproof: ${sentenceOf(error)}\n`)
  return exitCodeOf(error)
}
