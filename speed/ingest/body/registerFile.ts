import type { Profile } from '../profile/profileShape.ts'
import { exactTable } from '../table/exactTable.ts'

/** By their names in a tidy file, which are those of a reading. */
const columnsBeside = {
  ...{ quality: 'quality', revision: 'revision', saidAt: 'said_at' },
  ...{ power: 'power_w', reactive: 'reactive_var' },
} as const

const headBytes = 1024

/**
 * The profile of a tidy CSV with a column of cumulative registers, `meter,start,register_wh`, which
 * are differenced as those of any table; null of another file.
 */
export function profileOfRegisterFile(bytes: Uint8Array, said: Profile): Profile | null {
  const { zone, format, layout, ...others } = said
  const isTidy = layout === undefined || layout === 'tidy'
  if (Object.keys(others).length > 0 || !isTidy || (format ?? 'csv') !== 'csv') return null
  // Looked for first: of most files no more than this is read here.
  if (!Buffer.from(bytes.subarray(0, headBytes)).includes('register_wh')) return null
  const names = (exactTable(bytes).header ?? []).map((name) => name.trim())
  const isRegister = ['meter', 'start', 'register_wh'].every((name) => names.includes(name))
  if (!isRegister || names.includes('energy_wh')) return null
  const beside = Object.entries(columnsBeside).filter(([, name]) => names.includes(name))
  return {
    ...{ format: 'csv', layout: 'tidy', quantity: 'register', unit: 'Wh' },
    ...(zone === undefined ? {} : { zone }),
    columns: {
      meter: 'meter',
      start: 'start',
      value: 'register_wh',
      ...Object.fromEntries(beside),
    },
  }
}
