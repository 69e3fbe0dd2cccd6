import { ColumnNotThereError, HeaderNamedTwiceError } from '../../../schemas/errors/profile.ts'
import { MeterOfTwoColumnsError } from '../../../schemas/errors/profileColumn.ts'
import type { Profile, ProfileColumn } from './profileShape.ts'
import { withoutUnit } from './readUnit.ts'

type At = Readonly<Partial<Record<ProfileColumn, number>>>

/**
 * No name twice among the columns that are read. Each value may have a quality beside it, all of
 * one name; `null` where all columns are read.
 */
export function checkNames(header: readonly string[], read: At | null): void {
  const names = header.map((each) => each.trim())
  const others = Object.entries(read ?? {}).filter(([role]) => role !== 'quality')
  const counting = read === null ? names : others.map(([, at]) => names[at] ?? '')
  const twice = new Set(counting).values()
  for (const column of twice) {
    const count = names.filter((name) => name === column).length
    if (column !== '' && count > 1) throw new HeaderNamedTwiceError({ column })
  }
}

type Series = { readonly meter: string | null; readonly header: string }

/** No meter of two series, such as its energy and its power: one would restate the other. */
export function checkMeters(values: readonly Series[], { meters = {} }: Profile): void {
  const read = new Set(values.flatMap(({ header }) => [header, withoutUnit(header)]))
  const unused = Object.entries(meters).find(([name]) => !read.has(name))
  if (unused) {
    const header = values.map((each) => each.header)
    throw new ColumnNotThereError({ role: `the meter ${unused[1]}`, names: [unused[0]], header })
  }
  const columns = new Map<string, string>()
  for (const { meter, header } of values) {
    const first = columns.get(meter!)
    if (first !== undefined) {
      throw new MeterOfTwoColumnsError({ meter: meter!, columns: [first, header] })
    }
    columns.set(meter!, header)
  }
}

/** The quality of a value: the first column behind it that is called so, before another value. */
export function qualityBehind(
  header: readonly string[],
  at: At,
  value: number,
): number | undefined {
  const name = (header[at.quality ?? -1] ?? '').trim()
  const plain = header.map((each) => each.trim())
  if (name === '' || plain.indexOf(name) === plain.lastIndexOf(name)) return at.quality
  const found = plain.indexOf(name, value)
  return found < 0 ? at.quality : found
}
