import { parse } from 'csv-parse/sync'
import { FileUnreadableError } from '../../schemas/errors/commandLine.ts'
import {
  MeterCellError,
  MeterColumnError,
  MeterFileEmptyError,
} from '../../schemas/errors/meterCommand.ts'
import { readLocalFile } from './localFiles.ts'
import type { MeterFlags } from './meterChanges.ts'

const columns = [
  ...['meter', 'site', 'kind', 'zone', 'interval', 'grid-offset', 'group'],
  ...['account', 'from', 'point', 'occupancy'],
] as const

/** What a line of the file says of a meter, in the words of the flags. */
export type MeterLine = { readonly meter: string; readonly flags: MeterFlags }

/**
 * A CSV with a header of the names of flags, `meter` among them; an empty cell says nothing.
 * Several groups have spaces between.
 *
 * @throws MeterColumnError, MeterCellError or MeterFileEmptyError.
 */
export function readMeterFile(file: string): MeterLine[] {
  const bytes = readLocalFile(file)
  let rows: string[][]
  try {
    rows = parse(bytes, { bom: true, trim: true, skip_empty_lines: true })
  } catch (error) {
    throw new FileUnreadableError({ file, as: 'CSV' }, error)
  }
  const [header = [], ...lines] = rows
  const unknown = header.find((name) => !(columns as readonly string[]).includes(name))
  if (unknown !== undefined) throw new MeterColumnError({ file, column: unknown, columns })
  if (!header.includes('meter') || lines.length === 0) {
    throw new MeterFileEmptyError({ file })
  }
  return lines.map((cells) => {
    const said = header.flatMap((name, at) => (cells[at] ? [[name, cells[at]] as const] : []))
    const {
      meter,
      interval,
      'grid-offset': gridOffset,
      group,
      ...others
    } = Object.fromEntries(said)
    if (meter === undefined) throw new MeterFileEmptyError({ file })
    for (const [what, value] of Object.entries({ interval, 'grid-offset': gridOffset })) {
      if (value === undefined || /^\d{1,6}$/.test(value)) continue
      throw new MeterCellError({ file, meter, column: what, value })
    }
    const flags: MeterFlags = {
      ...others,
      ...(interval === undefined ? {} : { interval: Number(interval) }),
      ...(gridOffset === undefined ? {} : { gridOffset: Number(gridOffset) }),
      ...(group === undefined ? {} : { group: group.split(/\s+/) }),
    }
    return { meter, flags }
  })
}
