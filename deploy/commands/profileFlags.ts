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
  readonly void?: string
  readonly step?: string
  readonly meter?: string
  readonly meters?: string
  readonly columns?: string
  readonly sheet?: string
  readonly thousands?: string
  readonly durationUnit?: string
  readonly flow?: string
  readonly quality?: string
  readonly registerAt?: string
  readonly registerDigits?: string
  readonly registerReset?: string
}

/** Flags of a command that reads files by a profile: each field of it. */
export function withProfileFlags(command: Command): Command {
  const choice = (flags: string, what: string, choices: readonly string[]) => {
    return new Option(flags, what).choices(choices)
  }
  return command
    .option('--profile <name>', 'built-in profile (`profile list`), or a file that ends in .json')
    .addOption(choice('--layout <layout>', 'shape of the table', ['tidy', 'wide', 'days']))
    .option('--columns <names>', 'such as start=Horodate,value=Valeur')
    .option('--meter <name>', 'where no column names the meter')
    .option('--meters <names>', 'of series, such as "Main Panel=M1,Heat Pump=M2"')
    .option('--unit <unit>', 'of values: kWh, Wh, MWh, W, kW')
    .option('--step <seconds>', 'length of an interval, where the stamps do not show it')
    .option(
      '--zone <zone>',
      'zone of stamps without an offset (not given: that of their meters, or else UTC)',
    )
    .option('--format <format>', 'csv, nem12, json, ndjson, xlsx or espi-xml')
    .option('--encoding <encoding>', 'such as utf-8 or windows-1252')
    .option('--delimiter <character>', 'between cells, such as ; or tab')
    .option('--header-row <line>', 'line of the file that names the columns; 0: none')
    .option('--sheet <name>', 'of a workbook')
    .option('--date-format <pattern>', 'such as dd/MM/yyyy HH:mm')
    .addOption(choice('--stamp <end>', 'of the interval', ['start', 'end']))
    .addOption(
      choice('--repeated-hour <rule>', 'where clocks go back', ['order', 'first', 'refuse']),
    )
    .addOption(choice('--decimal <sign>', 'of numbers', ['.', ',']))
    .addOption(choice('--thousands <sign>', 'between three digits', ['.', ',', ' ', "'"]))
    .addOption(choice('--quantity <kind>', 'of values', ['energy', 'power', 'register']))
    .addOption(choice('--sign <kind>', 'of positive values', ['import', 'export']))
    .addOption(choice('--duration-unit <unit>', 'of bare numbers', ['s', 'min']))
    .option('--missing <words>', 'cell values that mean "no data", separated by commas')
    .option('--void <words>', 'cell values that void the interval')
    .option('--flow <words>', 'of a column of directions, such as A+=import,A-=export')
    .option('--quality <words>', 'of a column of qualities, such as 0=measured,1=estimated,9=void')
    .addOption(
      choice('--register-at <moment>', 'where a register was read: its stamp, or a step later', [
        ...['stamp', 'end'],
      ]),
    )
    .option('--register-digits <number>', 'of a register before the decimal sign; it rolls over')
    .option('--register-reset <from/to>', 'when a meter was exchanged or its register reset')
}
