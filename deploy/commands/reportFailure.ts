import { CommanderError } from 'commander'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import { localFileError } from '../../schemas/errors/localFile.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { say } from './output.ts'

/**
 * Says what went wrong, unless commander has already said it.
 *
 * @returns the exit code.
 */
export function reportFailure(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
  const error = localFileError(thrown)
  say(`wattproof: ${sentenceOf(error)}`)
  return exitCodeOf(error)
}
