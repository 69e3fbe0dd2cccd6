import { PointlessFlagError } from '../../schemas/errors/commandLine.ts'
import {
  AddressOptionError,
  DateOptionError,
  DecimalOptionError,
  InstantOptionError,
} from '../../schemas/errors/optionValue.ts'
import type { Address } from '../../schemas/ids.ts'
import { instantText } from '../../schemas/instantText.ts'

type Flags = Readonly<Record<string, unknown>>

/** Refuses a flag that has no effect without another: `{ anchor: 'rpc' }`. */
export function refuseWithout(options: Flags, needs: Readonly<Record<string, string>>): void {
  for (const [flag, without] of Object.entries(needs)) {
    if (options[flag] === undefined || options[without] !== undefined) continue
    throw new PointlessFlagError({ flag: `--${flag}`, without: `--${without}` })
  }
}

/** @throws AddressOptionError, whether or not the flag will be used. */
export function readAddress(option: string, text: string): Address {
  if (isAddress(text)) return text
  throw new AddressOptionError({ option, text })
}

function isAddress(text: string): text is Address {
  return /^0x[0-9a-f]{40}$/i.test(text)
}

/** A local date, `2026-03-01`. @throws DateOptionError for another text, or no date. */
export function readDate(option: string, text: string): string {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00Z`))
  // 30 February is read as 2 March.
  if (isDate && new Date(`${text}T00:00Z`).toISOString().startsWith(text)) return text
  throw new DateOptionError({ option, text })
}

/** An instant as the API takes it. @throws InstantOptionError for another text. */
export function readInstant(option: string, text: string): string {
  if (instantText.safeParse(text).success) return text
  throw new InstantOptionError({ option, text })
}

/** Reads an option as a decimal number, kept as it was typed. */
export function decimalNumber(option: string): (text: string) => string {
  return (text) => {
    if (/^[+-]?\d+(\.\d+)?$/.test(text)) return text
    throw new DecimalOptionError({ option, text })
  }
}
