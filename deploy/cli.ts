import { CommanderError } from 'commander'
import { exitCodeOf } from '../schemas/errors/exitCode.ts'
import { sentenceOf } from '../schemas/errors/wattproofError.ts'
import { createProgram } from './commands/createProgram.ts'

/**
 * `wattproof COMMAND`. Exit codes: 0 done, 1 failed, 2 wrong use. With `--json` standard output is
 * one JSON document and everything said on the way goes to standard error.
 */
try {
  await createProgram().parseAsync()
} catch (error) {
  // At once: what a layer that failed has open would keep its process, doing nothing, for ever.
  process.exit(report(error))
}

/** Says what went wrong, unless the command line has said it by itself. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  process.stderr.write(`wattproof: ${sentenceOf(error)}\n`)
  return exitCodeOf(error)
}
