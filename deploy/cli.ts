import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { InvalidArgumentError, sentenceOf } from '../schemas/errors.ts'
import { addAskCommands } from './commands/ask.ts'
import { addEventCommands } from './commands/event.ts'
import { addIngestCommand } from './commands/ingest.ts'
import { addOperateCommands } from './commands/operate.ts'
import { addRunCommands } from './commands/run.ts'
import { addVerifyCommand } from './commands/verify.ts'

/**
 * `wattproof COMMAND`. Exit codes: 0 done, 1 failed, 2 wrong use. With `--json` standard output is
 * one JSON document and everything said on the way goes to standard error.
 */
const packageFile = new URL('../package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }

const program = new Command('wattproof')
  .description('Demand response you can prove: from a meter reading to a paid, proved claim.')
  .version(version)
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(see --help)')
addRunCommands(program)
addIngestCommand(program)
addEventCommands(program)
addVerifyCommand(program)
addOperateCommands(program)
addAskCommands(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  process.stderr.write(`wattproof: ${sentenceOf(error)}\n`)
  return error instanceof InvalidArgumentError && error.details.wrongUse === true ? 2 : 1
}
