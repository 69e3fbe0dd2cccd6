import { type Command, Option } from 'commander'
import type { IngestOptions } from './ingestFiles.ts'
import { withJson } from './output.ts'
import { withPlace } from './settings.ts'

/** `ingest FILE…`: streams files to the door; memory does not grow with the file. */
export function addIngestCommand(program: Command): void {
  const ingest = program
    .command('ingest <files...>')
    .description('send readings from CSV or NDJSON files (.gz too) to a running wattproof')
    .addOption(new Option('--layout <layout>', 'shape of CSV').choices(['tidy', 'wide']))
    .addOption(new Option('--unit <unit>', 'of wide values').choices(['kwh', 'wh', 'w', 'kw']))
    .option('--step <seconds>', 'length of an interval of a wide file')
    .option('--zone <zone>', 'zone of stamps without an offset', 'UTC')
    .option('--register', 'enrol meters that are not known yet')
    .option('--group <group>', 'group of the meters that --register enrols', 'default')
    .option('--account <address>', 'account that is paid for the meters --register enrols')
    .option('--no-wait', 'do not wait until the books have caught up')
    .option('--dry-run', 'read the files and say what would be refused; send nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  wattproof ingest readings.csv --register\n' +
        '  wattproof ingest homes.csv.gz --layout wide --unit kwh --step 1800 --zone Europe/London',
    )
  withPlace(withJson(ingest)).action(async (files: string[], options: IngestOptions) => {
    const { ingestFiles } = await import('./ingestFiles.ts')
    await ingestFiles(files, options)
  })
}
