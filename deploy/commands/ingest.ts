import { type Command, Option } from 'commander'
import type { IngestOptions } from './ingestFiles.ts'
import { withJson } from './output.ts'
import { isProfiled, type ProfileFlags, withFileFlags } from './profileFlags.ts'
import { withPlace } from './settings.ts'

type Typed = Omit<IngestOptions, 'zone'> & ProfileFlags & { readonly strict?: boolean }

/** `ingest FILE…`: streams files to the API; memory does not grow with the file. */
export function addIngestCommand(program: Command): void {
  const ingest = program
    .command('ingest <files...>')
    .description(
      'send readings from CSV or NDJSON files (.gz too; - is standard input) to wattproof',
    )
    .addOption(new Option('--layout <layout>', 'shape of CSV').choices(['tidy', 'wide']))
    .addOption(new Option('--unit <unit>', 'of wide values').choices(['kwh', 'wh', 'w', 'kw']))
    .option('--step <seconds>', 'length of an interval of a wide file')
    .option('--zone <zone>', 'zone of stamps without an offset (UTC if not given)')
    .option('--strict', 'exit code 1 when anything is refused; with a profile')
    .option('--register', 'enrol meters that are not known yet')
    .option('--group <group>', 'group of meters that --register enrols (`default` if not given)')
    .option('--account <address>', 'account that is paid for meters enrolled by --register')
    .option('--no-wait', 'do not wait until the counters have caught up')
    .option('--dry-run', 'read the files and print what would be refused; send nothing')
    .addHelpText(
      'after',
      '\nA tidy CSV has the columns meter, start, duration_s and energy_wh or power_w, and\n' +
        'may have reactive_var, quality and revision; NDJSON has the same as members.\n' +
        'A wide one has a column of stamps and a column of values for each meter; it needs\n' +
        '--step and --unit.\n' +
        'With --profile, or another flag that says how a file is read, any export is read:\n' +
        'what is not said is detected and shown (--dry-run), never guessed.\n' +
        'Exit code 1 when nothing got in; 0 when at least one reading did.\n' +
        '\nExamples:\n  wattproof ingest readings.csv --register\n' +
        '  wattproof ingest wide.csv.gz --layout wide --unit kwh --step 1800 --zone Europe/Rome\n' +
        '  wattproof ingest linky.csv --profile enedis --dry-run\n' +
        '  zstd -dc readings.csv.zst | wattproof ingest -',
    )
  withFileFlags(withPlace(withJson(ingest))).action(async (files: string[], typed: Typed) => {
    const options = { ...typed, zone: typed.zone ?? 'UTC' }
    if (isProfiled(files, typed)) {
      const { ingestProfiled } = await import('./ingestProfiled.ts')
      return ingestProfiled(files, { ...options, flags: typed })
    }
    const { ingestFiles } = await import('./ingestFiles.ts')
    await ingestFiles(files, options)
  })
}
