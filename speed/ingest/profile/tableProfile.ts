import type { Table, TableProfile } from '../table/table.ts'
import type { Profile } from './profileShape.ts'

/** What a profile says of the table. */
export function tableProfileOf(profile: Profile) {
  const { format, encoding, delimiter, headerRow, sheet } = profile
  return {
    ...(format === undefined ? {} : { format }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(headerRow === undefined ? {} : { headerRow }),
    ...(sheet === undefined ? {} : { sheet }),
  }
}

/** How another part of the file is cut into rows. */
export function cutOf({ format, encoding, delimiter, headerLine }: Table): TableProfile {
  const headerRow = headerLine ?? 0
  return { format, encoding, headerRow, ...(delimiter ? { delimiter } : {}) }
}
