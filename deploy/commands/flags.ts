import { AddressOptionError, PointlessFlagError } from '../../schemas/errors/commandLine.ts'
import type { Address } from '../../schemas/ids.ts'

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
