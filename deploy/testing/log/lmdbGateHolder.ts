import { openLogGate } from '../../engines/log/lmdb/logGate.ts'

/**
 * A process that enters the gate of a log, says so, and stays there, as one does that was stopped
 * inside. Run by the tests of `lmdbLog.ts` only. Argument: folder.
 */
const gate = openLogGate(process.argv[2] ?? '')
await gate.pass(async () => {
  process.stdout.write('inside\n')
  await new Promise((resolve) => setTimeout(resolve, 120_000))
})
