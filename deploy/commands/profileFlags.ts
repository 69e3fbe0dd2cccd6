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
  return command
    .option('--profile <name>', 'built-in profile (`profile list`), or a file that ends in .json')
    .addOption(new Option('--layout <layout>', 'shape of CSV').choices(['tidy', 'wide', 'days']))
    .option('--unit <unit>', 'of values: kWh, Wh, MWh, W, kW')
    .option('--step <seconds>', 'length of an interval, where the stamps do not show it')
    .option('--zone <zone>', 'zone of stamps without an offset (UTC if not given)')
    .option('--meter <name>', 'where no column names the meter')
    .option('--format <format>', 'csv, nem12, json, ndjson, xlsx or espi-xml')
    .option('--encoding <encoding>', 'such as utf-8 or windows-1252')
    .option('--delimiter <character>', 'between cells, such as ; or tab')
    .option('--header-row <line>', 'line of the file that names the columns; 0: none')
    .option('--date-format <pattern>', 'such as dd/MM/yyyy HH:mm')
    .addOption(new Option('--stamp <end>', 'of the interval').choices(['start', 'end']))
    .addOption(
      new Option('--repeated-hour <rule>', 'where the clocks go back').choices([
        ...['order', 'first', 'refuse'],
      ]),
    )
    .addOption(new Option('--decimal <sign>', 'of numbers').choices(['.', ',']))
    .addOption(
      new Option('--quantity <kind>', 'of values').choices(['energy', 'power', 'register']),
    )
    .addOption(new Option('--sign <kind>', 'of positive values').choices(['import', 'export']))
    .option('--missing <words>', 'cells that say nothing, separated by commas')
}
