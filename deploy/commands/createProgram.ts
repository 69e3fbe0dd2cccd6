import { Command } from 'commander'
import { ownVersion } from '../installation/ownVersion.ts'
import { addAskCommands } from './ask.ts'
import { addEvaluateCommands } from './evaluate.ts'
import { addEventCommands } from './event.ts'
import { addGroupCommands } from './group.ts'
import { addIngestCommand } from './ingest.ts'
import { addMeterCommands } from './meter.ts'
import { addOperateCommands } from './operate.ts'
import { addProfileCommands } from './profile.ts'
import { addRosterCommands } from './roster.ts'
import { addRunCommands } from './run.ts'
import { addVerifyCommand } from './verify.ts'
import { addCorrectCommand, addIngestsCommands, addSourceCommands } from './words.ts'

const exitCodes = `
Exit codes:
  0  done
  1  failed: nothing could be read, not found, not possible now, or out of reach
  2  wrong use of the command line (a flag, a file that is not there, a value that does not fit),
     or wrong configuration`

/** Every command of `wattproof`, not yet parsed. A usage error throws commander's own. */
export function createProgram(): Command {
  const program = new Command('wattproof')
    .description('Demand response you can prove: from a meter reading to a paid, proved claim.')
    .version(ownVersion())
    .exitOverride()
    // `ingest` has options and commands: it must see in which order they were typed.
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(see --help)')
    .addHelpText('after', exitCodes)
  addRunCommands(program)
  addIngestsCommands(addIngestCommand(program))
  addSourceCommands(program)
  addCorrectCommand(program)
  addProfileCommands(program)
  addMeterCommands(program)
  addGroupCommands(program)
  addRosterCommands(program)
  addEventCommands(program)
  addVerifyCommand(program)
  addOperateCommands(program)
  addAskCommands(program)
  addEvaluateCommands(program)
  return program
}
