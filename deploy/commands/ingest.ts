import type { Command } from 'commander'
import type { IngestOptions } from './ingestFiles.ts'
import { withJson } from './output.ts'
import { withProfileFlags } from './profileFlags.ts'
import { withPlace } from './settings.ts'

/** `ingest FILE…`: reads files and sends them to the API; memory does not grow with the file. */
export function addIngestCommand(program: Command): Command {
  const ingest = program
    .command('ingest <files...>')
    .description(
      'send readings from files of any export (.gz too; - is standard input) to wattproof',
    )
    .option('--source <name>', 'source of the readings; each source is kept separately')
    .option('--strict', 'exit code 1 when anything is refused')
    .option('--register', 'enrol meters that are not known yet')
    .option('--group <group>', 'group of meters that --register enrols (`default` if not given)')
    .option('--account <address>', 'account that is paid for meters enrolled by --register')
    .option('--restate', 'allow changing more than 500 closed intervals and 5 % of those covered')
    .option('--no-wait', 'do not wait until the counters have caught up')
    .option('--dry-run', 'print how the files are read and what is refused; send nothing')
    .addHelpText(
      'after',
      '\nAny export is read: CSV, JSON, NDJSON, .xlsx, Green Button XML, NEM12. What is not\n' +
        'said by a profile or a flag is detected and shown, never guessed; what is said and\n' +
        'contradicts the file is refused with both. A CSV is wide, a column of stamps and a\n' +
        'column of values for each meter (--unit), or tidy: meter, start, duration_s and\n' +
        'energy_wh or power_w, and if you have them reactive_var, quality and revision; NDJSON\n' +
        'has the same as members.\n' +
        'Registers (--quantity register, or tidy: meter, start and register_wh) are differenced\n' +
        'with those of earlier and later files.\n' +
        'Exit code 1 when nothing got in; 0 when at least one reading did.\n' +
        '\nExamples:\n  wattproof ingest readings.csv --register\n' +
        '  wattproof ingest wide.csv.gz --unit kwh --zone Europe/Rome\n' +
        '  wattproof ingest linky.csv --profile enedis --dry-run\n' +
        '  zstd -dc readings.csv.zst | wattproof ingest -',
    )
  withProfileFlags(withPlace(withJson(ingest))).action(
    async (files: string[], options: IngestOptions) => {
      const { ingestFiles } = await import('./ingestFiles.ts')
      await ingestFiles(files, options)
    },
  )
  return ingest
}
