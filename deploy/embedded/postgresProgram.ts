import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { DataNotMadeError } from '../../schemas/errors/installation.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import type { PostgresAccount } from './postgresAccount.ts'
import type { PostgresBinaries } from './postgresBinaries.ts'
import { postgresEnvironment, watchOver } from './postgresWatchdog.ts'

export type ProgramOptions = {
  readonly dir: string
  readonly binaries: PostgresBinaries
  readonly account: PostgresAccount
  /** Kills the program. */
  readonly signal?: AbortSignal
}

/**
 * Runs a program of PostgreSQL's under its account.
 *
 * @returns its standard error.
 * @throws DataNotMadeError with its output, and when the signal is aborted.
 */
export async function runProgram(
  options: ProgramOptions,
  command: readonly string[],
  input = '',
): Promise<string> {
  const { account, dir } = options
  const [program = '', ...args] = [...account.prefix, ...command]
  const ended = promisify(execFile)(program, args, {
    ...account.ids,
    env: postgresEnvironment,
    cwd: '/',
  })
  // `initdb` answers SIGTERM, all that `execFile` sends by itself, by cleaning up at its leisure.
  const kill = () => void ended.child.kill('SIGKILL')
  options.signal?.addEventListener('abort', kill, { once: true })
  if (options.signal?.aborted) kill()
  // One that cannot be started, or ends early, says so itself.
  ended.child.stdin?.on('error', () => {})
  const watchdog = ended.child.pid ? watchOver(ended.child.pid) : null
  ended.child.stdin?.end(input)
  try {
    return (await ended).stderr
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    throw new DataNotMadeError({ dir, reason: stderr?.trim() ?? sentenceOf(error) }, error)
  } finally {
    watchdog?.kill('SIGKILL')
  }
}
