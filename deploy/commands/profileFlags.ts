import { type Command, Option } from 'commander'

export type ProfileFlags = {
  readonly profile?: string
  readonly format?: string
  readonly encoding?: string
  readonly delimiter?: string
  readonly headerRow?: string
  readonly layout?: string
  readonly dateFormat?: string
  readonly zone?: string
  readonly stamp?: string
  readonly repeatedHour?: string
  readonly decimal?: string
  readonly unit?: string
  readonly quantity?: string
  readonly sign?: string
  readonly missing?: string
  readonly step?: string
  readonly meter?: string
}

/** Flags of a command that reads files by a profile: each field of it, except lists and columns. */
export function withProfileFlags(command: Command): Command {
  return withFileFlags(command)
    .addOption(new Option('--layout <layout>', 'shape of CSV').choices(['tidy', 'wide', 'days']))
    .option('--unit <unit>', 'of values: kWh, Wh, MWh, W, kW')
    .option('--step <seconds>', 'length of an interval, where the stamps do not show it')
    .option('--zone <zone>', 'zone of stamps without an offset (UTC if not given)')
}

/** Of them, those that `ingest` does not have by itself. */
export function withFileFlags(command: Command): Command {
  const choice = (flags: string, what: string, choices: readonly string[]) => {
    return new Option(flags, what).choices(choices)
  }
  return command
    .option('--profile <name>', 'built-in profile (`profile list`), or a file that ends in .json')
    .option('--meter <name>', 'where no column names the meter')
    .option('--format <format>', 'csv, nem12, json, ndjson, xlsx or espi-xml')
    .option('--encoding <encoding>', 'such as utf-8 or windows-1252')
    .option('--delimiter <character>', 'between cells, such as ; or tab')
    .option('--header-row <line>', 'line of the file that names the columns; 0: none')
    .option('--date-format <pattern>', 'such as dd/MM/yyyy HH:mm')
    .addOption(choice('--stamp <end>', 'of the interval', ['start', 'end']))
    .addOption(
      choice('--repeated-hour <rule>', 'where clocks go back', ['order', 'first', 'refuse']),
    )
    .addOption(choice('--decimal <sign>', 'of numbers', ['.', ',']))
    .addOption(choice('--quantity <kind>', 'of values', ['energy', 'power', 'register']))
    .addOption(choice('--sign <kind>', 'of positive values', ['import', 'export']))
    .option('--missing <words>', 'cells that say nothing, separated by commas')
}

const fileFlags = [
  ...['profile', 'meter', 'format', 'encoding', 'delimiter', 'headerRow', 'dateFormat'],
  ...['stamp', 'repeatedHour', 'decimal', 'quantity', 'sign', 'missing'],
] as const

/** Whether the flags, or the name of a file, ask for a profile. */
export function isProfiled(files: readonly string[], flags: object): boolean {
  const named = new Map(Object.entries(flags))
  const isFlag = fileFlags.some((flag) => named.get(flag) !== undefined)
  return isFlag || files.some((file) => /\.(xlsx|xml)(\.gz)?$/i.test(file))
}
