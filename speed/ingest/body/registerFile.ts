import {
  ColumnNamedTwiceError,
  RegisterColumnError,
  UnknownColumnError,
} from '../../../schemas/errors/input.ts'
import { knownMembers } from '../draft.ts'
import type { Profile } from '../profile/profileShape.ts'
import { exactTable } from '../table/exactTable.ts'

const required = { meter: 'meter', start: 'start', value: 'register_wh' } as const
/** By their names in a tidy file, which are those of a reading. */
const columnsBeside = {
  ...{ quality: 'quality', revision: 'revision', saidAt: 'said_at' },
  ...{ power: 'power_w', reactive: 'reactive_var' },
} as const
const columnNames: readonly string[] = Object.values({ ...required, ...columnsBeside })

/** Numbers, stamps and words are those of a tidy file of energies: nothing of them is found. */
const writing = {
  ...{ format: 'csv', delimiter: ',', layout: 'tidy' },
  ...{ decimal: '.', dateFormat: 'iso', quantity: 'register', unit: 'Wh' },
  quality: {
    ...{ measured: { quality: 'measured' }, '2': { quality: 'measured' } },
    ...{ substituted: { quality: 'substituted' }, '1': { quality: 'substituted' } },
    ...{ estimated: { quality: 'estimated' }, '0': { quality: 'estimated' } },
  },
} as const satisfies Profile

const headBytes = 1024

/**
 * The profile of a tidy CSV with a column of cumulative registers, `meter,start,register_wh`, which
 * are differenced as those of any table; null of another file.
 *
 * @throws InvalidArgumentError where it has a column that registers do not have: what it says would
 * be lost.
 */
export function profileOfRegisterFile(bytes: Uint8Array, said: Profile): Profile | null {
  const { zone, format, layout, ...others } = said
  const isTidy = layout === undefined || layout === 'tidy'
  if (Object.keys(others).length > 0 || !isTidy || (format ?? 'csv') !== 'csv') return null
  // Looked for first: of most files no more than this is read here.
  if (!Buffer.from(bytes.subarray(0, headBytes)).includes('register_wh')) return null
  const names = (exactTable(bytes).header ?? []).map((name) => name.trim())
  if (!Object.values(required).every((name) => names.includes(name))) return null
  refuseOthers(names)
  const beside = Object.entries(columnsBeside).filter(([, name]) => names.includes(name))
  return {
    ...writing,
    ...(zone === undefined ? {} : { zone }),
    columns: { ...required, ...Object.fromEntries(beside) },
  }
}

function refuseOthers(names: readonly string[]): void {
  const column = names.find((name) => !columnNames.includes(name))
  if (column !== undefined) {
    throw knownMembers.has(column)
      ? new RegisterColumnError({ column })
      : new UnknownColumnError({ column })
  }
  if (new Set(names).size < names.length) throw new ColumnNamedTwiceError()
}
