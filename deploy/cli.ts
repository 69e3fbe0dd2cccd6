import { createProgram } from './commands/createProgram.ts'
import { reportFailure } from './commands/reportFailure.ts'

/**
 * `wattproof COMMAND`. Exit codes: 0 done, 1 failed, 2 wrong use or configuration. With `--json`
 * standard output is one JSON document; progress and warnings go to standard error.
 */
const isJson = process.argv.includes('--json')
process.on('uncaughtException', (error) => {
  // The parent keeps what its child says in the log; a person at a terminal wants the sentence.
  if (process.connected) process.stderr.write(`${error.stack}\n`)
  process.exit(reportFailure(error, isJson))
})
// Before the listeners of packages: one that `doctor` tries out would exit with 0 in any case.
process.on('beforeExit', () => process.exit())
try {
  await createProgram().parseAsync()
} catch (error) {
  // Exit now: open handles of a failed layer would keep the idle process alive forever.
  process.exit(reportFailure(error, isJson))
}
